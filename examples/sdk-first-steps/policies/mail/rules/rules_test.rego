package cortexos.rules.mail.rules_test

import data.cortexos.rules.mail.rules

_mail(to, body) := {"message": {"payload": {"to": to, "body": body}}}

test_mail_to_one_is_allowed if {
	count(rules.allow) == 1 with input as _mail("ada", "hello")
	count(rules.deny) == 0 with input as _mail("ada", "hello")
	count(rules.modify) == 0 with input as _mail("ada", "hello")
	count(rules.require_human) == 0 with input as _mail("ada", "hello")
}

test_mail_to_everybody_is_denied if {
	some finding in rules.deny with input as _mail("everybody", "hello")
	finding.id == "mail.everybody"
}

test_card_numbers_are_taken_out if {
	some finding in rules.modify with input as _mail("ada", "pay with 4111111111111111")
	finding.set == {"/body": "pay with [card]"}
}

test_press_waits_for_an_editor if {
	some finding in rules.require_human with input as _mail("press", "we did it")
	finding.approvers == "EDITOR"
}

test_deleting_is_denied if {
	some finding in rules.deny with input as {"action": {"tool": "delete_file", "args": {"path": "a"}}}
	finding.id == "tool.delete"
}

test_leaving_the_workspace_is_denied if {
	some finding in rules.deny with input as {"action": {"tool": "read_file", "args": {"path": "../a"}}}
	finding.id == "mail.outside"
}
