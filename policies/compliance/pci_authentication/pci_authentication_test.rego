package cortexos.rules.compliance.pci_authentication_test

import data.cortexos.rules.compliance.pci_authentication as rule

denied := {"sensitive authentication data isn't kept after authorisation (PCI DSS 3.3.1)"}

carrying(subject, payload) := {"message": {"subject": subject, "payload": payload}}

test_nothing if {
	got := rule.deny with input as {}
	got == set()
}

payloads := {
	"code": {"in": carrying("chat.say", {"card": {"cvv": "123"}}), "want": denied},
	"code as a number": {"in": carrying("chat.say", {"CVC-2": 123}), "want": denied},
	"in a list": {"in": carrying("chat.say", [{"pin_block": "x"}]), "want": denied},
	"at authorisation": {"in": carrying("payments.authorize", {"cvv": "123"}), "want": set()},
	"begins alike": {"in": carrying("payments.authorize2", {"cvv": "123"}), "want": denied},
	"null": {"in": carrying("chat.say", {"cvv": null}), "want": set()},
	"another name": {"in": carrying("chat.say", {"cv": "123"}), "want": set()},
	"a text": {"in": carrying("chat.say", "cvv 123"), "want": set()},
	"no subject": {"in": {"message": {"payload": {"cvv": "123"}}}, "want": denied},
}

test_payloads[name] if {
	some name, c in payloads
	got := rule.deny with input as c["in"]
	got == c.want
}
