package cortexos.rules.agent_tools.wider_test

import data.cortexos.rules.agent_tools.call_test
import data.cortexos.rules.agent_tools.wider as rule

held := {{"reason": "an argument asks for more than the prompt does", "approvers": "APPROVER", "quorum": 1, "expires_ms": 900000}}

cases := {
	"as asked": {"prompt": "Share it with Jo.", "tool": "share_file", "args": {"permission": "r"}, "want": set()},
	"write access": {"prompt": "Share it with Jo.", "tool": "share_file", "args": {"permission": "rw"}, "want": held},
	"write access that was asked for": {"prompt": "Let Jo edit it, share it.", "tool": "share_file", "args": {"permission": "rw"}, "want": set()},
	"admin": {"prompt": "Share it with Jo.", "tool": "share_file", "args": {"role": "cluster-admin"}, "want": held},
	"public": {"prompt": "Share it with Jo.", "tool": "share_file", "args": {"visibility": "public"}, "want": held},
	"recurring": {"prompt": "Pay Jo.", "tool": "send_money", "args": {"recurring": true}, "want": held},
	"recurring that was asked for": {"prompt": "Pay Jo every month.", "tool": "send_money", "args": {"recurring": true}, "want": set()},
	"not recurring": {"prompt": "Pay Jo.", "tool": "send_money", "args": {"recurring": false}, "want": set()},
	"force": {"prompt": "Delete it.", "tool": "delete_file", "args": {"options": {"force": 1}}, "want": held},
	"word in a body": {"prompt": "Message Jo.", "tool": "send_message", "args": {"body": "public admin rw"}, "want": set()},
	"reading": {"prompt": "Look.", "tool": "get_file", "args": {"permission": "rw"}, "want": set()},
	"null": {"prompt": "Share it with Jo.", "tool": "share_file", "args": {"permission": null}, "want": set()},
	"no arguments": {"prompt": "Share it with Jo.", "tool": "share_file", "args": {}, "want": set()},
}

test_cases[name] if {
	some name, c in cases
	got := rule.require_human with input as call_test.asking(c.prompt, c.tool, c.args)
	got == c.want
}

test_lacking[name] if {
	some name, in_ in call_test.lacking("Share it with Jo.", "share_file", {"permission": "rw"})
	got := rule.require_human with input as in_
	got == set()
}
