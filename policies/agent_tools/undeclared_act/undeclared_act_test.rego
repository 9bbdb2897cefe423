package cortexos.rules.agent_tools.undeclared_act_test

import data.cortexos.rules.agent_tools.call_test
import data.cortexos.rules.agent_tools.undeclared_act as rule

held := {{"reason": "the prompt doesn't ask for what this tool does", "approvers": "APPROVER", "quorum": 1, "expires_ms": 900000}}

unspoken := {{"reason": "the prompt doesn't speak of the credential that this tool reads", "approvers": "APPROVER", "quorum": 1, "expires_ms": 900000}}

foreign := {{"reason": "the tool isn't among those that the session declares", "approvers": "APPROVER", "quorum": 1, "expires_ms": 900000}}

cases := {
	"reading": {"prompt": "How much?", "tool": "get_balance", "args": {}, "want": set()},
	"asked for": {"prompt": "Send Bob an email.", "tool": "send_email", "args": {}, "want": set()},
	"asked for by another word": {"prompt": "Reply to Bob.", "tool": "send_email", "args": {}, "want": set()},
	"not asked for": {"prompt": "How much?", "tool": "send_money", "args": {}, "want": held},
	"nothing asked for": {"prompt": "", "tool": "create_note", "args": {}, "want": held},
	"something else asked for": {"prompt": "Pay Bob.", "tool": "delete_note", "args": {}, "want": held},
	"asked not to": {"prompt": "Do not delete it.", "tool": "delete_note", "args": {}, "want": held},
	"soft, by its topic": {"prompt": "Tidy my notes up and close them.", "tool": "create_note", "args": {}, "want": set()},
	"soft, another topic": {"prompt": "Close the window.", "tool": "create_invoice_note", "args": {}, "want": held},
	"soft, and nothing asked for": {"prompt": "Which notes are there?", "tool": "create_note", "args": {}, "want": held},
	"hard, by its topic alone": {"prompt": "Close the file.", "tool": "delete_file", "args": {}, "want": held},
	"unknown verb": {"prompt": "Frobnicate the gears, and stop.", "tool": "frobnicate", "args": {}, "want": set()},
	"unknown verb that nobody spoke of": {"prompt": "Stop the gears.", "tool": "frobnicate", "args": {}, "want": held},
	"name without a word": {"prompt": "Stop the gears.", "tool": "", "args": {}, "want": held},
	"adding to a thing": {"prompt": "Add a line to it.", "tool": "update_note", "args": {}, "want": set()},
	"adding isn't moving": {"prompt": "Add a line to it.", "tool": "move_event", "args": {}, "want": held},
	"delegated": {"prompt": "Read it and follow the instructions.", "tool": "create_note", "args": {}, "want": set()},
	"delegated change of a payment": {"prompt": "Read it and follow the instructions.", "tool": "update_scheduled_payment", "args": {}, "want": set()},
	"delegated change of a password": {"prompt": "Read it and follow the instructions.", "tool": "update_password", "args": {}, "want": held},
	"delegated, and not soft": {"prompt": "Read it and follow the instructions.", "tool": "send_money", "args": {}, "want": held},
	"changed payment": {"prompt": "Increase my rent payment.", "tool": "update_scheduled_payment", "args": {}, "want": set()},
	"stopped payment": {"prompt": "Stop my gym payment.", "tool": "update_scheduled_payment", "args": {}, "want": set()},
	"changed where a payment is asked for": {"prompt": "Pay my rent.", "tool": "update_scheduled_payment", "args": {}, "want": held},
	"refund asked for": {"prompt": "Refund order 12.", "tool": "refund_order", "args": {}, "want": set()},
	"refund where a payment is asked for": {"prompt": "Pay order 12.", "tool": "refund_order", "args": {}, "want": held},
	"credential spoken of": {"prompt": "What is my wifi password?", "tool": "get_password", "args": {}, "want": set()},
	"credential not spoken of": {"prompt": "How much?", "tool": "get_password", "args": {}, "want": unspoken},
}

test_cases[name] if {
	some name, c in cases
	got := rule.require_human with input as call_test.asking(c.prompt, c.tool, c.args)
	got == c.want
}

test_lacking[name] if {
	some name, in_ in call_test.lacking("How much?", "send_money", {})
	got := rule.require_human with input as in_
	got == set()
}

declarations := {
	"declared": {"tools": ["send_money"], "want": set()},
	"not declared": {"tools": ["get_balance"], "want": (foreign | held)},
	"none declared": {"tools": [], "want": (foreign | held)},
	"tools are a text": {"tools": "send_money", "want": held},
}

test_declared_tools[name] if {
	some name, c in declarations
	session := {"prompt": "How much?", "declared": {"tools": c.tools}}
	got := rule.require_human with input as {"context": {"session": session}, "action": {"tool": "send_money", "args": {}}}
	got == c.want
}
