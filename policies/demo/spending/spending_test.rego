package cortexos.rules.demo.spending_test

import data.cortexos.rules.demo.spending as rule

held := {{
	"reason": "spending above the limit, or without an amount, needs an approval",
	"approvers": "APPROVER",
	"quorum": 1,
	"expires_ms": 900000,
}}

cases := {
	"far above": {"action": {"tool": "send_money", "args": {"amount": 4800}}, "want": held},
	"a cent above": {"action": {"tool": "send_money", "args": {"amount": 500.01}}, "want": held},
	"at the limit": {"action": {"tool": "send_money", "args": {"amount": 500}}, "want": set()},
	"below": {"action": {"tool": "send_money", "args": {"amount": 0.5}}, "want": set()},
	"nothing": {"action": {"tool": "send_money", "args": {"amount": 0}}, "want": held},
	"negative": {"action": {"tool": "send_money", "args": {"amount": -5}}, "want": held},
	"amount is a text": {"action": {"tool": "send_money", "args": {"amount": "90"}}, "want": held},
	"amount missing": {"action": {"tool": "send_money", "args": {}}, "want": held},
	"args missing": {"action": {"tool": "send_money"}, "want": held},
	"booking without a price": {"action": {"tool": "reserve_hotel", "args": {"hotel": "A"}}, "want": held},
	"booking with a price": {"action": {"tool": "reserve_hotel", "args": {"total_price": 320}}, "want": set()},
	"another tool": {"action": {"tool": "get_balance", "args": {}}, "want": set()},
	"tool is a number": {"action": {"tool": 7, "args": {}}, "want": set()},
	"tool missing": {"action": {"args": {}}, "want": set()},
}

test_cases[name] if {
	some name, c in cases
	got := rule.require_human with input as {"action": c.action}
	got == c.want
}

test_action_missing if {
	got := rule.require_human with input as {}
	got == set()
}
