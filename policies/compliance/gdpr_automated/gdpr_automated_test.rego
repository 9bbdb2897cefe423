package cortexos.rules.compliance.gdpr_automated_test

import data.cortexos.rules.compliance.gdpr_automated as rule

held := {{"reason": "a decision with effect on a person is not left to a machine alone (GDPR Art. 22)", "approvers": "CASE_WORKER", "quorum": 1, "expires_ms": 86400000}}

by(kind, subject) := {"principal": {"kind": kind}, "message": {"subject": subject}}

test_nothing if {
	got := rule.require_human with input as {}
	got == set()
}

kinds := {
	"by an agent": {"in": by("agent", "decision.credit.x"), "want": held},
	"by a service": {"in": by("service", "decision.hiring.x"), "want": held},
	"by a human": {"in": by("human", "decision.credit.x"), "want": set()},
	"no decision": {"in": by("agent", "decision.lunch.x"), "want": set()},
	"subject is a number": {"in": by("agent", 7), "want": set()},
}

test_kinds[name] if {
	some name, c in kinds
	got := rule.require_human with input as c["in"]
	got == c.want
}
