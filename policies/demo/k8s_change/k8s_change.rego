# METADATA
# title: Kubernetes changes
# description: Holds deploys and patches outside the open namespaces until an SRE lead approves them.
# scope: package
# custom:
#   id: demo.k8s_change
#   severity: high
#   since: 0.1.0
package cortexos.rules.demo.k8s_change

require_human contains finding if {
	input.message.subject in data.cortexos.rules.demo.k8s_change.subjects
	not _in_open_namespace
	finding := {
		"reason": "a change outside the open namespaces needs an approval",
		"approvers": data.cortexos.rules.demo.k8s_change.approvers,
		"quorum": data.cortexos.rules.demo.k8s_change.quorum,
		"expires_ms": data.cortexos.rules.demo.k8s_change.expires_ms,
	}
}

_in_open_namespace if {
	input.message.payload.parameters.namespace in data.cortexos.rules.demo.k8s_change.open_namespaces
}
