package cortexos.rules.demo.k8s_ops_test

import data.cortexos.rules.demo.k8s_ops as rule

denied := {"this Kubernetes operation is not allowed on this namespace or resource"}

cases := {
	"delete in prod": {"verb": "delete", "resource": "statefulset/orders-db", "namespace": "prod", "want": denied},
	"exec in prod": {"verb": "exec", "resource": "pods/checkout", "namespace": "prod", "want": denied},
	"delete in staging": {"verb": "delete", "resource": "pods/checkout-7d", "namespace": "staging", "want": set()},
	"delete all pods in staging": {"verb": "delete", "resource": "pods", "namespace": "staging", "want": set()},
	"delete of a namespace by way of staging": {"verb": "delete", "resource": "namespace/prod", "namespace": "staging", "want": denied},
	"delete of a node": {"verb": "delete", "resource": "node/n1", "namespace": "dev", "want": denied},
	"namespace that begins alike": {"verb": "delete", "resource": "pods/a", "namespace": "staging-2", "want": denied},
	"all namespaces": {"verb": "delete", "resource": "pods/a", "namespace": "*", "want": denied},
	"empty namespace": {"verb": "delete", "resource": "pods/a", "namespace": "", "want": denied},
	"list in prod": {"verb": "list", "resource": "pods", "namespace": "prod", "want": set()},
	"logs in prod": {"verb": "logs", "resource": "pods/checkout", "namespace": "prod", "want": set()},
	"verb in another case": {"verb": "Get", "resource": "pods", "namespace": "prod", "want": denied},
	"verb is a number": {"verb": 7, "resource": "pods", "namespace": "prod", "want": denied},
	"resource is a number": {"verb": "delete", "resource": 7, "namespace": "staging", "want": denied},
	"namespace is null": {"verb": "delete", "resource": "pods", "namespace": null, "want": denied},
}

test_cases[name] if {
	some name, c in cases
	parameters := object.remove(c, ["want"])
	got := rule.deny with input as {"message": {"subject": "job.k8s.ops", "payload": {"parameters": parameters}}}
	got == c.want
}

missing := {
	"verb": {"resource": "pods/a", "namespace": "prod"},
	"namespace": {"verb": "delete", "resource": "pods/a"},
	"resource": {"verb": "delete", "namespace": "staging"},
	"everything": {},
}

test_missing[name] if {
	some name, parameters in missing
	got := rule.deny with input as {"message": {"subject": "job.k8s.ops", "payload": {"parameters": parameters}}}
	got == denied
}

test_payload_missing if {
	got := rule.deny with input as {"message": {"subject": "job.k8s.ops"}}
	got == denied
}

test_other_subject if {
	got := rule.deny with input as {"message": {"subject": "job.k8s.opsx", "payload": {"parameters": {"verb": "delete"}}}}
	got == set()
}

test_subject_missing if {
	got := rule.deny with input as {"message": {"payload": {"parameters": {"verb": "delete"}}}}
	got == set()
}
