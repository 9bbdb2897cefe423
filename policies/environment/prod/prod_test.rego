package cortexos.rules.environment.prod_test

import data.cortexos.rules.environment.prod as rule

denied := {"changing production needs a role for it"}

cases := {
	"with a role": {"roles": ["X", "SRE"], "environment": "prod", "subject": "job.k8s.deploy", "want": set()},
	"without": {"roles": ["AGENT"], "environment": "prod", "subject": "job.k8s.deploy", "want": denied},
	"no role at all": {"roles": [], "environment": "production", "subject": "job.k8s.deploy", "want": denied},
	"roles are a text": {"roles": "SRE", "environment": "prod", "subject": "job.k8s.deploy", "want": denied},
	"begins alike": {"roles": ["SRE2"], "environment": "prod", "subject": "job.k8s.deploy", "want": denied},
	"another environment": {"roles": ["AGENT"], "environment": "dev", "subject": "job.k8s.deploy", "want": set()},
	"no change": {"roles": ["AGENT"], "environment": "prod", "subject": "job.code.go", "want": set()},
}

test_cases[name] if {
	some name, c in cases
	got := rule.deny with input as {
		"principal": {"roles": c.roles},
		"job_meta": {"environment": c.environment},
		"message": {"subject": c.subject},
	}
	got == c.want
}

missing := {
	"roles": {"in": {"principal": {}, "job_meta": {"environment": "prod"}, "message": {"subject": "job.k8s.x"}}, "want": denied},
	"principal": {"in": {"job_meta": {"environment": "prod"}, "message": {"subject": "job.k8s.x"}}, "want": denied},
	"environment": {"in": {"principal": {"roles": []}, "job_meta": {}, "message": {"subject": "job.k8s.x"}}, "want": set()},
	"message": {"in": {"job_meta": {"environment": "prod"}}, "want": set()},
}

test_missing[name] if {
	some name, c in missing
	got := rule.deny with input as c["in"]
	got == c.want
}
