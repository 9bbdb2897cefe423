package cortexos.rules.compliance.gdpr_purpose_test

import data.cortexos.rules.compliance.facts_test
import data.cortexos.rules.compliance.gdpr_purpose as rule

denied := {"personal data needs a purpose from the register and a legal basis (GDPR Art. 5(1)(b), 6(1))"}

cases := {
	"founded": {"in": facts_test.message({"data_class": "personal", "purpose": "billing", "legal_basis": "contract"}, "a.b", []), "want": set()},
	"no purpose": {"in": facts_test.message({"data_class": "personal", "legal_basis": "contract"}, "a.b", []), "want": denied},
	"another purpose": {"in": facts_test.message({"data_class": "personal", "purpose": "curiosity", "legal_basis": "contract"}, "a.b", []), "want": denied},
	"no legal basis": {"in": facts_test.message({"data_class": "personal", "purpose": "billing"}, "a.b", []), "want": denied},
	"another legal basis": {"in": facts_test.message({"data_class": "personal", "purpose": "billing", "legal_basis": "hope"}, "a.b", []), "want": denied},
	"purpose is a number": {"in": facts_test.message({"data_class": "personal", "purpose": 7, "legal_basis": "contract"}, "a.b", []), "want": denied},
	"other data": {"in": facts_test.message({"data_class": "public"}, "a.b", []), "want": set()},
	"no class": {"in": facts_test.message({}, "a.b", []), "want": set()},
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
