# METADATA
# title: Kubernetes operations
# description: Denies Kubernetes operations other than reading outside the open namespaces, and on resources that belong to no namespace.
# scope: package
# custom:
#   id: demo.k8s_ops
#   severity: critical
#   since: 0.1.0
package cortexos.rules.demo.k8s_ops

deny contains "this Kubernetes operation is not allowed on this namespace or resource" if {
	input.message.subject == data.cortexos.rules.demo.k8s_ops.subject
	not _reads
	not _in_open_namespace
}

# Positive on purpose: a verb, namespace or resource that is missing, unknown or spelt in another way is not allowed.
_reads if input.message.payload.parameters.verb in data.cortexos.rules.demo.k8s_ops.read_verbs

_in_open_namespace if {
	input.message.payload.parameters.namespace in data.cortexos.rules.demo.k8s_ops.open_namespaces
	kind := split(input.message.payload.parameters.resource, "/")[0]
	kind in data.cortexos.rules.demo.k8s_ops.namespaced_kinds
}
