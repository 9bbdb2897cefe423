package cortexos.rules.environment.break_glass_test

import data.cortexos.rules.environment.break_glass as rule
import data.cortexos.rules.environment.change_test

held := {{
	"reason": "passing a closed window or a freeze needs two approvals",
	"approvers": "SRE_LEAD",
	"quorum": 2,
	"expires_ms": 600000,
}}

why := ["payments are down since 10:02"]

# 2026-03-11 is a Wednesday, 2026-03-14 a Saturday.
cases := {
	"closed window": {"at": "2026-03-14T10:00:00Z", "role": "SRE_LEAD", "want": held},
	"open window": {"at": "2026-03-11T10:00:00Z", "role": "SRE_LEAD", "want": set()},
	"freeze": {"at": "2026-12-23T10:00:00Z", "role": "SRE_LEAD", "want": held},
	"closed window, another role": {"at": "2026-03-14T10:00:00Z", "role": "AGENT", "want": set()},
}

test_cases[name] if {
	some name, c in cases
	now := json.marshal(time.parse_rfc3339_ns(c.at))
	got := rule.require_human with input as change_test.breaking_glass(change_test.in_environment("prod", now), c.role, why)
		with data.cortexos.rules.environment.freeze.freezes as [_freeze]
	got == c.want
}

test_no_change if {
	saturday := json.marshal(time.parse_rfc3339_ns("2026-03-14T10:00:00Z"))
	asking := change_test.breaking_glass(change_test.in_environment("prod", saturday), "SRE_LEAD", why)
	got := rule.require_human with input as object.union(asking, {"message": {"subject": "job.code.go"}})
	got == set()
}

test_missing if {
	got := rule.require_human with input as {}
	got == set()
}

_freeze := {"from": "2026-12-20T00:00:00Z", "until": "2027-01-04T00:00:00Z", "environments": ["prod"], "reason": "holidays"}
