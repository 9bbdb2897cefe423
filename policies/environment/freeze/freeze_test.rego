package cortexos.rules.environment.freeze_test

import data.cortexos.rules.environment.change_test
import data.cortexos.rules.environment.freeze as rule

denied := {"the environment is frozen"}

holidays := {"from": "2026-12-20T00:00:00Z", "until": "2027-01-04T00:00:00Z", "environments": ["prod"], "reason": "holidays"}

cases := {
	"before": {"at": "2026-12-19T23:59:59Z", "environment": "prod", "want": set()},
	"at its beginning": {"at": "2026-12-20T00:00:00Z", "environment": "prod", "want": denied},
	"at its end": {"at": "2027-01-03T23:59:59Z", "environment": "prod", "want": denied},
	"after": {"at": "2027-01-04T00:00:00Z", "environment": "prod", "want": set()},
	"another environment": {"at": "2026-12-25T00:00:00Z", "environment": "dev", "want": set()},
}

test_cases[name] if {
	some name, c in cases
	now := json.marshal(time.parse_rfc3339_ns(c.at))
	got := rule.deny with input as change_test.in_environment(c.environment, now)
		with data.cortexos.rules.environment.freeze.freezes as [holidays]
	got == c.want
}

test_no_freeze if {
	got := rule.deny with input as change_test.in_environment("prod", "1")
	got == set()
}

test_no_change if {
	in_ := object.union(change_test.in_environment("prod", "1"), {"message": {"subject": "job.code.go"}})
	got := rule.deny with input as in_
		with data.cortexos.rules.environment.freeze.freezes as [{"environments": ["prod"]}]
	got == set()
}

test_unreadable_freeze if {
	got := rule.deny with input as change_test.in_environment("prod", "1")
		with data.cortexos.rules.environment.freeze.freezes as [{"from": "soon", "environments": ["prod"]}]
	got == denied
}

test_break_glass if {
	asking := change_test.breaking_glass(change_test.in_environment("prod", "1"), "ON_CALL", ["payments are down"])
	got := rule.deny with input as asking
		with data.cortexos.rules.environment.freeze.freezes as [{"environments": ["prod"]}]
	got == set()
}

missing := {
	"time": {"in": {"job_meta": {"environment": "prod"}, "message": {"subject": "job.k8s.x"}}, "want": denied},
	"environment": {"in": {"job_meta": {}, "message": {"subject": "job.k8s.x"}, "now_ns": "1"}, "want": set()},
	"message": {"in": {"job_meta": {"environment": "prod"}, "now_ns": "1"}, "want": set()},
	"all": {"in": {}, "want": set()},
}

test_missing[name] if {
	some name, c in missing
	got := rule.deny with input as c["in"]
		with data.cortexos.rules.environment.freeze.freezes as [holidays]
	got == c.want
}
