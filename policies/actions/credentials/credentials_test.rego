package cortexos.rules.actions.credentials_test

import data.cortexos.rules.actions.credentials as rule

denied := {"an agent doesn't take away credentials or protections"}

held := {{
	"reason": "changing credentials, roles or access needs two approvals",
	"approvers": "SECURITY_LEAD",
	"quorum": 2,
	"expires_ms": 900000,
}}

tools := {
	"update_password": {"deny": set(), "hold": held},
	"grantRole": {"deny": set(), "hold": held},
	"CREATE_API_KEY": {"deny": set(), "hold": held},
	"disable_mfa": {"deny": denied, "hold": held},
	"delete_secret": {"deny": denied, "hold": held},
	"get_role": {"deny": set(), "hold": set()},
	"delete_file": {"deny": set(), "hold": set()},
	"update_profile": {"deny": set(), "hold": set()},
	"monkey_set": {"deny": set(), "hold": set()},
	"": {"deny": set(), "hold": set()},
}

test_tools[tool] if {
	some tool, want in tools
	_answer({"action": {"tool": tool, "args": {}}}) == want
}

missing := {
	"tool": {"action": {"args": {}}},
	"tool, a number": {"action": {"tool": 7}},
	"action": {},
}

test_missing[name] if {
	some name, in_ in missing
	_answer(in_) == {"deny": set(), "hold": set()}
}

_answer(in_) := {"deny": denials, "hold": holds} if {
	denials := rule.deny with input as in_
	holds := rule.require_human with input as in_
}
