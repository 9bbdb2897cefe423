package cortexos.rules.subjects.tenant_wall_test

import data.cortexos.rules.subjects.tenant_wall as rule

denied := {"the subject belongs to another tenant"}

cases := {
	"another tenant": {"subject": "tenant.globex.tasks", "tenant": "acme", "want": denied},
	"another tenant itself": {"subject": "tenant.globex", "tenant": "acme", "want": denied},
	"tenant that begins alike": {"subject": "tenant.acme2.tasks", "tenant": "acme", "want": denied},
	"tenant in another case": {"subject": "tenant.ACME.tasks", "tenant": "acme", "want": denied},
	"own tenant later in the subject": {"subject": "tenant.globex.acme", "tenant": "acme", "want": denied},
	"own tenant": {"subject": "tenant.acme.tasks.today", "tenant": "acme", "want": set()},
	"no tenant's subject": {"subject": "job.code.go", "tenant": "acme", "want": set()},
	"subject that begins alike": {"subject": "tenants.globex.x", "tenant": "acme", "want": set()},
	"empty tenant": {"subject": "tenant.acme.tasks", "tenant": "", "want": denied},
	"tenant is a number": {"subject": "tenant.7.tasks", "tenant": 7, "want": denied},
	"tenant is null": {"subject": "tenant.acme.tasks", "tenant": null, "want": denied},
}

test_cases[name] if {
	some name, c in cases
	message := {"subject": c.subject, "tokens": split(c.subject, ".")}
	got := rule.deny with input as {"principal": {"tenant": c.tenant}, "message": message}
	got == c.want
}

missing := {
	"tenant": {"principal": {}, "message": {"subject": "tenant.acme.x", "tokens": ["tenant", "acme", "x"]}},
	"principal": {"message": {"subject": "tenant.acme.x", "tokens": ["tenant", "acme", "x"]}},
	"tokens": {"principal": {"tenant": "acme"}, "message": {"subject": "tenant.acme.x"}},
	"tokens in a text": {"principal": {"tenant": "acme"}, "message": {"subject": "tenant.acme.x", "tokens": "tenant"}},
}

test_missing[name] if {
	some name, in_ in missing
	got := rule.deny with input as in_
	got == denied
}

# A message without a subject is denied by subjects.reserved.
test_subject_missing if {
	got := rule.deny with input as {"principal": {"tenant": "acme"}, "message": {}}
	got == set()
}
