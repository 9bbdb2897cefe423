package cortexos.rules.agent_tools.amount_test

import data.cortexos.rules.agent_tools.amount as rule
import data.cortexos.rules.agent_tools.call_test

held := {{"reason": "the amount isn't positive, or is large and not in the prompt", "approvers": "APPROVER", "quorum": 1, "expires_ms": 900000}}

cases := {
	"small": {"prompt": "Pay Jo.", "tool": "send_money", "args": {"amount": 2000}, "want": set()},
	"large": {"prompt": "Pay Jo.", "tool": "send_money", "args": {"amount": 2000.01}, "want": held},
	"large and named": {"prompt": "Pay Jo 2,500.50 euros.", "tool": "send_money", "args": {"amount": 2500.5}, "want": set()},
	"nothing": {"prompt": "Pay Jo.", "tool": "send_money", "args": {"amount": 0}, "want": held},
	"negative and named": {"prompt": "Pay Jo 5.", "tool": "send_money", "args": {"amount": -5}, "want": held},
	"text": {"prompt": "Pay Jo 5.", "tool": "send_money", "args": {"amount": "5"}, "want": held},
	"null": {"prompt": "Pay Jo.", "tool": "send_money", "args": {"amount": null}, "want": set()},
	"missing": {"prompt": "Pay Jo.", "tool": "send_money", "args": {}, "want": set()},
	"booking": {"prompt": "Book a room.", "tool": "reserve_room", "args": {"total_price": 3000}, "want": held},
	"another act": {"prompt": "Create a note.", "tool": "create_note", "args": {"value": 3000}, "want": set()},
	"another number": {"prompt": "Pay Jo.", "tool": "send_money", "args": {"year": 20260}, "want": set()},
}

test_cases[name] if {
	some name, c in cases
	got := rule.require_human with input as call_test.asking(c.prompt, c.tool, c.args)
	got == c.want
}

test_lacking[name] if {
	some name, in_ in call_test.lacking("Pay Jo.", "send_money", {"amount": 9000})
	got := rule.require_human with input as in_
	got == set()
}
