package cortexos.rules.compliance.pci_need_test

import data.cortexos.rules.compliance.facts_test
import data.cortexos.rules.compliance.pci_need as rule

need := {"cardholder data is for roles that need to know (PCI DSS 7.2.1)"}

outside := {"cardholder data stays in its environment (PCI DSS 1.3.1)"}

cases := {
	"inside, with a role": {"in": facts_test.message({"data_class": "card"}, "payments.charge", ["PAYMENTS"]), "want": set()},
	"without a role": {"in": facts_test.message({"data_class": "card"}, "payments.charge", ["AGENT"]), "want": need},
	"outside": {"in": facts_test.message({"data_class": "card"}, "chat.say", ["PAYMENTS"]), "want": outside},
	"both": {"in": facts_test.message({"data_class": "cardholder"}, "chat.say", []), "want": (need | outside)},
	"roles are a text": {"in": facts_test.message({"data_class": "card"}, "payments.charge", "PAYMENTS"), "want": need},
	"other data": {"in": facts_test.message({"data_class": "public"}, "chat.say", []), "want": set()},
}

test_cases[name] if {
	some name, c in cases
	got := rule.deny with input as c["in"]
	got == c.want
}

test_nothing if {
	got := rule.deny with input as {}
	got == set()
}
