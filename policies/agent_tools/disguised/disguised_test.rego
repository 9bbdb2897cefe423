package cortexos.rules.agent_tools.disguised_test

import data.cortexos.rules.agent_tools.call_test
import data.cortexos.rules.agent_tools.disguised as rule

alike := {"an address, account or host looks like one that the user wrote, and is written in other letters"}

invisible := {"an address, account or host has invisible characters"}

cases := {
	"as written": {"prompt": "Mail jo@paypal.example.", "tool": "send_email", "args": {"to": "jo@paypal.example"}, "want": set()},
	"in other letters": {"prompt": "Mail jo@paypal.example.", "tool": "send_email", "args": {"to": "jo@pаypal.example"}, "want": alike},
	"name in other letters": {"prompt": "Message Marco.", "tool": "send_message", "args": {"recipient": "Mаrco"}, "want": alike},
	"other letters that look like nobody": {"prompt": "Mail jo@paypal.example.", "tool": "send_email", "args": {"to": "jörg@b.example"}, "want": set()},
	"other letters that were written": {"prompt": "Message Jörg.", "tool": "send_message", "args": {"recipient": "Jörg"}, "want": set()},
	"invisible": {"prompt": "Mail jo@paypal.example.", "tool": "send_email", "args": {"to": "x\u200b@b.example"}, "want": invisible},
	"invisible in a host": {"prompt": "Read www.a.example", "tool": "get_webpage", "args": {"url": "www.a\u202e.example"}, "want": invisible},
	"host in other letters": {"prompt": "Read www.paypal.example", "tool": "get_webpage", "args": {"url": "www.pаypal.example"}, "want": alike},
	"invisible in a text": {"prompt": "Message Jo.", "tool": "send_message", "args": {"body": "a\u200bb"}, "want": set()},
	"recipient is a number": {"prompt": "Message Jo.", "tool": "send_message", "args": {"recipient": 7}, "want": set()},
	"no arguments": {"prompt": "Message Jo.", "tool": "send_message", "args": {}, "want": set()},
}

test_cases[name] if {
	some name, c in cases
	got := rule.deny with input as call_test.asking(c.prompt, c.tool, c.args)
	got == c.want
}

test_lacking[name] if {
	some name, in_ in call_test.lacking("Mail jo@paypal.example.", "send_email", {"to": "jo@pаypal.example"})
	got := rule.deny with input as in_
	got == set()
}
