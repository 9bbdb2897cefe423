package cortexos.rules.actions.money_test

import data.cortexos.rules.actions.money as rule

first := {
	"reason": "moving money above the limit, of no amount or in an unknown currency needs an approval",
	"approvers": "APPROVER",
	"quorum": 1,
	"expires_ms": 900000,
}

second := {
	"reason": "moving this much money needs two approvals",
	"approvers": "APPROVER",
	"quorum": 2,
	"expires_ms": 900000,
}

denied := {"the amount is more than an agent may ever move"}

cases := {
	"within": {"tool": "send_money", "args": {"amount": 500}, "want": _held(set())},
	"half a unit": {"tool": "send_money", "args": {"amount": 0.5}, "want": _held(set())},
	"null beside an amount": {"tool": "send_money", "args": {"amount": 5, "total": null}, "want": _held(set())},
	"a cent above": {"tool": "send_money", "args": {"amount": 500.01}, "want": _held({first})},
	"below the second limit": {"tool": "send_money", "args": {"amount": 4999.99}, "want": _held({first})},
	"at the second limit": {"tool": "send_money", "args": {"amount": 5000}, "want": _held({first, second})},
	"below the last": {"tool": "send_money", "args": {"amount": 49999}, "want": _held({first, second})},
	"at the last": {"tool": "send_money", "args": {"amount": 50000}, "want": {"deny": denied, "hold": {first, second}}},
	"a large one backwards": {"tool": "send_money", "args": {"amount": -50000}, "want": {"deny": denied, "hold": {first, second}}},
	"nothing": {"tool": "send_money", "args": {"amount": 0}, "want": _held({first})},
	"one of two above": {"tool": "send_money", "args": {"amount": 5, "total": 900}, "want": _held({first})},
	"known currency": {"tool": "refund_order", "args": {"amount": 5, "currency": "eur"}, "want": _held(set())},
	"unknown currency": {"tool": "refund_order", "args": {"amount": 5, "currency": "DOGE"}, "want": _held({first})},
	"currency is a number": {"tool": "refund_order", "args": {"amount": 5, "currency": 7}, "want": _held({first})},
	"amount is a text": {"tool": "send_money", "args": {"amount": "5"}, "want": _held({first})},
	"amount is null": {"tool": "send_money", "args": {"amount": null}, "want": _held({first})},
	"amount missing": {"tool": "send_money", "args": {}, "want": _held({first})},
	"reading": {"tool": "get_payment", "args": {"amount": 90000}, "want": _held(set())},
	"another tool": {"tool": "send_mail", "args": {"amount": 90000}, "want": _held(set())},
}

test_cases[name] if {
	some name, c in cases
	_answer({"action": {"tool": c.tool, "args": c.args}}) == c.want
}

missing := {
	"args": {"in": {"action": {"tool": "send_money"}}, "want": _held({first})},
	"tool": {"in": {"action": {"args": {"amount": 90000}}}, "want": _held(set())},
	"tool, a number": {"in": {"action": {"tool": 7, "args": {"amount": 90000}}}, "want": _held(set())},
	"action": {"in": {}, "want": _held(set())},
}

test_missing[name] if {
	some name, c in missing
	_answer(c["in"]) == c.want
}

_held(holds) := {"deny": set(), "hold": holds}

_answer(in_) := {"deny": denials, "hold": holds} if {
	denials := rule.deny with input as in_
	holds := rule.require_human with input as in_
}
