package cortexos.rules.data_security.personal_data_test

import data.cortexos.rules.data_security.personal_data as rule

denied := {"the message carries personal data: card"}

card := {"note": "4111 1111 1111 1111"}

cases := {
	"card": {"message": {"subject": "a.b", "payload": card}, "want": denied},
	"no card": {"message": {"subject": "a.b", "payload": {"note": "4111 1111 1111 1112"}}, "want": set()},
	"cleared": {"message": {"subject": "payments.charge", "payload": card}, "want": set()},
	"cleared for another kind": {"message": {"subject": "payroll.pay", "payload": card}, "want": denied},
	"redacted": {"message": {"subject": "chat.say", "payload": card}, "want": set()},
	"subject missing": {"message": {"payload": card}, "want": denied},
	"subject is a number": {"message": {"subject": 7, "payload": card}, "want": denied},
	"payload is a number": {"message": {"subject": "a.b", "payload": 4111111111111111}, "want": set()},
	"payload missing": {"message": {"subject": "a.b"}, "want": set()},
	"nothing": {"message": {}, "want": set()},
}

test_cases[name] if {
	some name, c in cases
	got := rule.deny with input as {"message": c.message}
		with data.cortexos.rules.data_security.personal_data.cleared as {"card": ["payments.>"], "iban": ["payroll.>"]}
		with data.cortexos.rules.data_security.redact.subjects as ["chat.>"]
	got == c.want
}

test_message_missing if {
	got := rule.deny with input as {}
	got == set()
}
