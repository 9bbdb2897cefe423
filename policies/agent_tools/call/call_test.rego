package cortexos.rules.agent_tools.call_test

import data.cortexos.rules.agent_tools.call

# An input of a session with this prompt; for the tests of this pack.
asking(prompt, tool, args) := {
	"context": {"session": {"id": "s-1", "prompt": prompt, "declared": {}}},
	"action": {"tool": tool, "args": args},
}

# What a test table is tried with that has no prompt, no tool or no arguments, or of the wrong type.
lacking(prompt, tool, args) := {
	"no prompt": {"context": {"session": {"id": "s-1", "declared": {}}}, "action": {"tool": tool, "args": args}},
	"prompt is a number": {"context": {"session": {"id": "s-1", "prompt": 7}}, "action": {"tool": tool, "args": args}},
	"no session": {"context": {}, "action": {"tool": tool, "args": args}},
	"no context": {"action": {"tool": tool, "args": args}},
	"no tool": {"context": {"session": {"id": "s-1", "prompt": prompt}}, "action": {"args": args}},
	"tool is a number": {"context": {"session": {"id": "s-1", "prompt": prompt}}, "action": {"tool": 7, "args": args}},
	"no action": {"context": {"session": {"id": "s-1", "prompt": prompt}}},
	"nothing": {},
}

acts := {
	"get_balance": "read",
	"getBalance": "read",
	"search_files_by_filename": "read",
	"check_opening_hours": "read",
	"send_email": "message",
	"send_money": "pay",
	"schedule_transaction": "pay",
	"update_scheduled_transaction": "pay",
	"transfer": "pay",
	"create_calendar_event": "create",
	"reschedule_calendar_event": "change",
	"delete_file": "destroy",
	"remove_user": "destroy",
	"share_file": "share",
	"add_participants": "add",
	"reserve_table": "book",
	"run_shell": "execute",
	"update_password": "credential",
	"grant_role": "credential",
	"get_password": "read",
	"get_and_delete_email": "destroy",
	"read_and_summarize_mail": "read",
	"open_file": "read",
	"open_account": "create",
	"frobnicate": "unknown",
	"": "unknown",
}

test_act[tool] if {
	some tool, want in acts
	got := call.act with input as asking("", tool, {})
	got == want
}

test_guarded if call.guarded with input as asking("", "get_balance", {})

test_guarded_not[name] if {
	some name, in_ in lacking("Pay.", "send_money", {})
	not call.guarded with input as in_
}

test_effectful if call.effectful with input as asking("", "frobnicate", {})

test_effectful_not_reading if {
	in_ := asking("", "get_balance", {})
	call.reading with input as in_
	not call.effectful with input as in_
}

test_nouns_without_verb_and_filler if {
	got := call.nouns with input as asking("", "search_files_by_filename", {})
	got == {"files", "filename"}
}

test_topics if {
	got := call.topics with input as asking("", "delete_emails", {})
	got == {"mail"}
}

test_texts_with_the_names_above_them if {
	args := {"toList": [{"address": "a@b.example"}, 7, true, null, ""], "note": "hi"}
	got := call.texts with input as asking("", "send_email", args)
	got == {
		{"keys": {"to", "list", "address"}, "value": "a@b.example"},
		{"keys": {"to", "list"}, "value": "7"},
		{"keys": {"note"}, "value": "hi"},
	}
}

test_texts_without_arguments if {
	got := call.texts with input as {"action": {"tool": "send_email"}}
	got == set()
}

shapes := {
	"a@b.example": {"mail"},
	"a b@c.example": set(),
	"a@b@c": set(),
	"DE02120300000000202051": {"account"},
	"DE02 1203 0000 0000 2020 51": {"account"},
	"DE0212030": set(),
	"www.a.example": {"url"},
	"ftp://a.example/x": {"url"},
	"a.example": set(),
	"2026-03-01": {"date"},
	"2026-03-01T10:00Z": {"date"},
	"2026-03": set(),
	"10:30": {"time"},
	"1030": set(),
}

test_shape[value] if {
	some value, want in shapes
	got := {shape | some shape in ["mail", "account", "url", "date", "time"]; _is(value, shape)}
	got == want
}

_is(value, "mail") if call.is_mail(value)

_is(value, "account") if call.is_account(value)

_is(value, "url") if call.is_url(value)

_is(value, "date") if call.is_date(value)

_is(value, "time") if call.is_time(value)

test_free if {
	call.is_free({"keys": {"body"}, "value": "x"})
	not call.is_free({"keys": {"file"}, "value": "x"})
}
