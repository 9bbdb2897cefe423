package cortexos.rules.compliance.gdpr_transfer_test

import data.cortexos.rules.compliance.facts_test
import data.cortexos.rules.compliance.gdpr_transfer as rule

denied := {"personal data may not leave for a third country without a basis for it (GDPR Art. 44 to 49)"}

cases := {
	"abroad": {"in": facts_test.message({"data_class": "personal"}, "region.us.store", []), "want": denied},
	"with a basis": {"in": facts_test.message({"data_class": "personal", "transfer_basis": "adequacy"}, "region.us.store", []), "want": set()},
	"with another basis": {"in": facts_test.message({"data_class": "personal", "transfer_basis": "speed"}, "region.us.store", []), "want": denied},
	"at home": {"in": facts_test.message({"data_class": "personal"}, "region.eu.store", []), "want": set()},
	"other data": {"in": facts_test.message({"data_class": "public"}, "region.us.store", []), "want": set()},
	"no class": {"in": facts_test.message({}, "region.us.store", []), "want": set()},
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
