package cortexos.rules.agent_tools.lookalike_test

import data.cortexos.rules.agent_tools.call_test
import data.cortexos.rules.agent_tools.lookalike as rule

held := {{"reason": "this nearly is an address, account or host that the prompt names, and isn't it", "approvers": "APPROVER", "quorum": 1, "expires_ms": 900000}}

cases := {
	"as written": {"prompt": "Mail jo@paypal.example.", "tool": "send_email", "args": {"to": "Jo@paypal.example"}, "want": set()},
	"one character": {"prompt": "Mail jo@paypal.example.", "tool": "send_email", "args": {"to": "jo@paypol.example"}, "want": held},
	"one more": {"prompt": "Pay DE02120300000000202051.", "tool": "send_money", "args": {"recipient": "DE021203000000002020511"}, "want": held},
	"one less": {"prompt": "Pay DE02120300000000202051.", "tool": "send_money", "args": {"recipient": "DE0212030000000020205"}, "want": held},
	"digit for a letter": {"prompt": "Mail jo@paypal.example.", "tool": "send_email", "args": {"to": "j0@paypa1.example"}, "want": held},
	"far from it": {"prompt": "Mail jo@paypal.example.", "tool": "send_email", "args": {"to": "ida@b.example"}, "want": set()},
	"short word": {"prompt": "Message Jon.", "tool": "send_message", "args": {"recipient": "Jan"}, "want": set()},
	"host": {"prompt": "Read www.paypal.example", "tool": "get_webpage", "args": {"url": "www.paypai.example"}, "want": held},
	"in a text": {"prompt": "Message Marco.", "tool": "send_message", "args": {"body": "Marko"}, "want": set()},
	"long": {"prompt": "Message Marco.", "tool": "send_message", "args": {"recipient": _long}, "want": set()},
	"no arguments": {"prompt": "Message Marco.", "tool": "send_message", "args": {}, "want": set()},
}

test_cases[name] if {
	some name, c in cases
	got := rule.require_human with input as call_test.asking(c.prompt, c.tool, c.args)
	got == c.want
}

test_lacking[name] if {
	some name, in_ in call_test.lacking("Mail jo@paypal.example.", "send_email", {"to": "jo@paypol.example"})
	got := rule.require_human with input as in_
	got == set()
}

_long := concat("", ["x" | some _ in numbers.range(1, 81)])
