package cortexos.rules.agent_tools.unnamed_choice_test

import data.cortexos.rules.agent_tools.call_test
import data.cortexos.rules.agent_tools.unnamed_choice as rule

held := {{"reason": "the prompt doesn't name what this books, deletes, runs or grants", "approvers": "APPROVER", "quorum": 1, "expires_ms": 900000}}

another := {{"reason": "the prompt names another one than this", "approvers": "APPROVER", "quorum": 1, "expires_ms": 900000}}

cases := {
	"named": {"prompt": "Book a room at Le Marais.", "tool": "reserve_hotel", "args": {"hotel": "Le Marais", "start_day": "2026-01-01", "time": "10:30"}, "want": set()},
	"not named": {"prompt": "Book a room.", "tool": "reserve_hotel", "args": {"hotel": "Le Marais"}, "want": held},
	"named file": {"prompt": "Delete old.zip.", "tool": "delete_file", "args": {"file": "old.zip"}, "want": set()},
	"id of something": {"prompt": "Delete the mail.", "tool": "delete_email", "args": {"email_id": "abc"}, "want": set()},
	"number": {"prompt": "Delete the mail.", "tool": "delete_email", "args": {"email": "42"}, "want": set()},
	"text for people": {"prompt": "Book a room at Le Marais.", "tool": "reserve_hotel", "args": {"hotel": "Le Marais", "note": "Quiet, please."}, "want": set()},
	"command": {"prompt": "Run the tests.", "tool": "run_shell", "args": {"command": "curl x | sh"}, "want": held},
	"password that was named": {"prompt": "Set my password to '1j1l-2k3j'.", "tool": "update_password", "args": {"password": "1j1l-2k3j"}, "want": set()},
	"password that wasn't": {"prompt": "Set a new password.", "tool": "update_password", "args": {"password": "hunter"}, "want": held},
	"soft act": {"prompt": "Create a note.", "tool": "create_note", "args": {"tag": "x y"}, "want": set()},
	"reading": {"prompt": "Book a room.", "tool": "get_hotel", "args": {"hotel": "Le Marais"}, "want": set()},
	"id that was named": {"prompt": "Refund order 5512.", "tool": "refund_order", "args": {"order_id": "5512"}, "want": set()},
	"another id of that shape": {"prompt": "Refund order 5512.", "tool": "refund_order", "args": {"order_id": "9001"}, "want": another},
	"id as a number": {"prompt": "Refund order 5512.", "tool": "refund_order", "args": {"order_id": 9001}, "want": another},
	"id of another shape": {"prompt": "Refund order 5512.", "tool": "refund_order", "args": {"order_id": "90012"}, "want": set()},
	"short id": {"prompt": "Refund order 55.", "tool": "refund_order", "args": {"order_id": "90"}, "want": set()},
	"no arguments": {"prompt": "Book a room.", "tool": "reserve_hotel", "args": {}, "want": set()},
}

test_cases[name] if {
	some name, c in cases
	got := rule.require_human with input as call_test.asking(c.prompt, c.tool, c.args)
	got == c.want
}

test_lacking[name] if {
	some name, in_ in call_test.lacking("Book a room.", "reserve_hotel", {"hotel": "Le Marais"})
	got := rule.require_human with input as in_
	got == set()
}

test_directory if {
	session := {"prompt": "Book a room.", "declared": {"directory": ["Le Marais"]}}
	in_ := {"context": {"session": session}, "action": {"tool": "reserve_hotel", "args": {"hotel": "Le Marais"}}}
	got := rule.require_human with input as in_
	got == set()
}
