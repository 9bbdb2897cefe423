package cortexos.rules.demo.redact_test

import data.cortexos.rules.demo.redact as rule

changed(field, text) := {
	"reason": "a card number or secret key was taken out",
	"set": {concat("/", ["", "args", field]): text},
	"remove": [],
	"headers": {},
}

cases := {
	"card in groups": {
		"args": {"body": "Please refund 4111 1111 1111 1111."},
		"want": {changed("body", "Please refund [card number].")},
	},
	"card in the subject": {"args": {"subject": "4111111111111111"}, "want": {changed("subject", "[card number]")}},
	"secret key": {
		"args": {"body": "key sk_live_abcdefghijklmnop1234 ok"},
		"want": {changed("body", "key [secret key] ok")},
	},
	"access key": {"args": {"body": "AKIAABCDEFGHIJKLMNOP"}, "want": {changed("body", "[secret key]")}},
	"two of them": {
		"args": {"body": "4111 1111 1111 1111 and 5500-0000-0000-0004"},
		"want": {changed("body", "[card number] and [card number]")},
	},
	"both fields": {
		"args": {"subject": "4111111111111111", "body": "5500000000000004"},
		"want": {changed("subject", "[card number]"), changed("body", "[card number]")},
	},
	"one is part of the other": {
		"args": {"body": "4111111111111111 x 41111111111111112"},
		"want": {changed("body", "[removed]")},
	},
	"twelve digits": {"args": {"body": "order 123456789012"}, "want": set()},
	"thirteen digits": {"args": {"body": "1234567890123"}, "want": {changed("body", "[card number]")}},
	"nothing": {"args": {"body": "See you at 9."}, "want": set()},
	"redacted already": {"args": {"body": "Please refund [card number]."}, "want": set()},
	"body is a number": {"args": {"body": 4111111111111111}, "want": set()},
	"body missing": {"args": {}, "want": set()},
}

test_mail[name] if {
	some name, c in cases
	got := rule.modify with input as {"action": {"tool": "send_email", "args": c.args}}
	got == c.want
}

test_other_tool if {
	got := rule.modify with input as {"action": {"tool": "get_x", "args": {"body": "4111111111111111"}}}
	got == set()
}

test_tool_is_a_number if {
	got := rule.modify with input as {"action": {"tool": 7, "args": {"body": "4111111111111111"}}}
	got == set()
}

test_args_missing if {
	got := rule.modify with input as {"action": {"tool": "send_email"}}
	got == set()
}

test_action_missing if {
	got := rule.modify with input as {}
	got == set()
}
