package cortexos.rules.agent_tools.unnamed_principal_test

import data.cortexos.rules.agent_tools.call_test
import data.cortexos.rules.agent_tools.unnamed_principal as rule

held := {{"reason": "neither the prompt nor a directory names whom this reaches", "approvers": "APPROVER", "quorum": 1, "expires_ms": 900000}}

cases := {
	"named by address": {"prompt": "Mail jo@b.example.", "tool": "send_email", "args": {"recipients": ["jo@b.example"]}, "want": set()},
	"named by name": {"prompt": "Message Jo.", "tool": "send_message", "args": {"recipient": "Jo"}, "want": set()},
	"stranger": {"prompt": "Mail jo@b.example.", "tool": "send_email", "args": {"recipients": ["x@c.example"]}, "want": held},
	"stranger among others": {"prompt": "Mail jo@b.example.", "tool": "send_email", "args": {"recipients": ["jo@b.example", "x@c.example"]}, "want": held},
	"stranger in bcc": {"prompt": "Mail jo@b.example.", "tool": "send_email", "args": {"recipients": ["jo@b.example"], "bcc": ["x@c.example"]}, "want": held},
	"stranger under any name": {"prompt": "Mail jo@b.example.", "tool": "send_email", "args": {"note": "x@c.example"}, "want": held},
	"account": {"prompt": "Pay Jo.", "tool": "send_money", "args": {"recipient": "DE02120300000000202051"}, "want": held},
	"account as a number": {"prompt": "Pay Jo.", "tool": "send_money", "args": {"recipient": 1234567}, "want": held},
	"account that was named": {"prompt": "Pay DE02120300000000202051.", "tool": "send_money", "args": {"recipient": "DE02120300000000202051"}, "want": set()},
	"described": {"prompt": "Greet everyone in the team.", "tool": "send_message", "args": {"recipient": "Ida Berg"}, "want": set()},
	"address is never described": {"prompt": "Greet everyone in the team.", "tool": "send_message", "args": {"recipient": "ida@b.example"}, "want": held},
	"not described": {"prompt": "Greet Jo.", "tool": "send_message", "args": {"recipient": "Ida Berg"}, "want": held},
	"payee is never described": {"prompt": "Pay everyone in the team.", "tool": "send_money", "args": {"recipient": "Ida Berg"}, "want": held},
	"channel isn't described by people": {"prompt": "Greet everyone in the team.", "tool": "send_message", "args": {"channel": "secret"}, "want": held},
	"channel that is described": {"prompt": "Greet all channels.", "tool": "send_message", "args": {"channel": "news"}, "want": set()},
	"reading": {"prompt": "Greet Jo.", "tool": "get_user", "args": {"user": "Ida Berg"}, "want": set()},
	"nobody": {"prompt": "Greet Jo.", "tool": "send_message", "args": {}, "want": set()},
	"recipient is null": {"prompt": "Greet Jo.", "tool": "send_message", "args": {"recipient": null}, "want": set()},
}

test_cases[name] if {
	some name, c in cases
	got := rule.require_human with input as call_test.asking(c.prompt, c.tool, c.args)
	got == c.want
}

test_lacking[name] if {
	some name, in_ in call_test.lacking("Mail Jo.", "send_email", {"to": "x@c.example"})
	got := rule.require_human with input as in_
	got == set()
}
