package cortexos.rules.agent_tools.bulk_test

import data.cortexos.rules.agent_tools.bulk as rule
import data.cortexos.rules.agent_tools.call_test

everything := {{"reason": "the call works on everything at once", "approvers": "APPROVER", "quorum": 1, "expires_ms": 900000}}

more := {{"reason": "the call works on more at once than the prompt asks for", "approvers": "APPROVER", "quorum": 1, "expires_ms": 900000}}

reads := {{"reason": "the call reads more at once than is allowed", "approvers": "APPROVER", "quorum": 1, "expires_ms": 900000}}

cases := {
	"one": {"prompt": "Delete it.", "tool": "delete_file", "args": {"id": "4"}, "want": set()},
	"everything": {"prompt": "Delete it.", "tool": "delete_file", "args": {"id": "*"}, "want": everything},
	"everything below": {"prompt": "Delete it.", "tool": "delete_file", "args": {"path": "notes/*"}, "want": everything},
	"everybody": {"prompt": "Message Jo.", "tool": "send_message", "args": {"body": "@channel"}, "want": everything},
	"star in a text": {"prompt": "Message Jo.", "tool": "send_message", "args": {"body": "2 * 3"}, "want": set()},
	"reading everything": {"prompt": "Look.", "tool": "search_files", "args": {"query": "*"}, "want": set()},
	"three": {"prompt": "Message Jo.", "tool": "send_message", "args": {"to": ["a", "b", "c"]}, "want": set()},
	"four": {"prompt": "Message Jo.", "tool": "send_message", "args": {"to": ["a", "b", "c", "d"]}, "want": more},
	"twelve of many": {"prompt": "Message all.", "tool": "send_message", "args": {"to": numbers.range(1, 12)}, "want": set()},
	"thirteen of many": {"prompt": "Message all.", "tool": "send_message", "args": {"to": numbers.range(1, 13)}, "want": more},
	"reading a hundred": {"prompt": "Look.", "tool": "get_files", "args": {"ids": numbers.range(1, 100)}, "want": set()},
	"reading more": {"prompt": "Look.", "tool": "get_files", "args": {"ids": numbers.range(1, 101)}, "want": reads},
	"reading up to a limit": {"prompt": "Look.", "tool": "get_files", "args": {"limit": 1000}, "want": set()},
	"reading beyond it": {"prompt": "Look.", "tool": "get_files", "args": {"limit": 1001}, "want": reads},
	"another number": {"prompt": "Look.", "tool": "get_files", "args": {"since": 20260101}, "want": set()},
	"limit is a text": {"prompt": "Look.", "tool": "get_files", "args": {"limit": "5000"}, "want": set()},
	"no arguments": {"prompt": "Delete it.", "tool": "delete_file", "args": {}, "want": set()},
}

test_cases[name] if {
	some name, c in cases
	got := rule.require_human with input as call_test.asking(c.prompt, c.tool, c.args)
	got == c.want
}

test_lacking[name] if {
	some name, in_ in call_test.lacking("Delete it.", "delete_file", {"id": "*"})
	got := rule.require_human with input as in_
	got == set()
}
