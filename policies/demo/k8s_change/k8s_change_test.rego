package cortexos.rules.demo.k8s_change_test

import data.cortexos.rules.demo.k8s_change as rule

held := {{
	"reason": "a change outside the open namespaces needs an approval",
	"approvers": "SRE_LEAD",
	"quorum": 1,
	"expires_ms": 900000,
}}

cases := {
	"deploy to prod": {"subject": "job.k8s.deploy", "parameters": {"namespace": "prod"}, "want": held},
	"patch in prod": {"subject": "job.k8s.patch", "parameters": {"namespace": "prod"}, "want": held},
	"deploy to staging": {"subject": "job.k8s.deploy", "parameters": {"namespace": "staging"}, "want": set()},
	"namespace that begins alike": {"subject": "job.k8s.deploy", "parameters": {"namespace": "staging2"}, "want": held},
	"namespace in another case": {"subject": "job.k8s.deploy", "parameters": {"namespace": "Staging"}, "want": held},
	"namespace missing": {"subject": "job.k8s.deploy", "parameters": {}, "want": held},
	"namespace is a number": {"subject": "job.k8s.deploy", "parameters": {"namespace": 7}, "want": held},
	"another subject": {"subject": "job.k8s.ops", "parameters": {"namespace": "prod"}, "want": set()},
	"subject is a number": {"subject": 7, "parameters": {"namespace": "prod"}, "want": set()},
}

test_cases[name] if {
	some name, c in cases
	got := rule.require_human with input as {"message": {"subject": c.subject, "payload": {"parameters": c.parameters}}}
	got == c.want
}

test_payload_missing if {
	got := rule.require_human with input as {"message": {"subject": "job.k8s.patch"}}
	got == held
}

test_message_missing if {
	got := rule.require_human with input as {}
	got == set()
}
