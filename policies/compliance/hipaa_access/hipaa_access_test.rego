package cortexos.rules.compliance.hipaa_access_test

import data.cortexos.rules.compliance.facts_test
import data.cortexos.rules.compliance.hipaa_access as rule

denied := {"health information needs a role and one of the purposes for it (45 CFR 164.502(b), 164.506)"}

cases := {
	"with role and purpose": {"in": facts_test.message({"data_class": "phi", "purpose": "treatment"}, "a.b", ["CLINICIAN"]), "want": set()},
	"without a role": {"in": facts_test.message({"data_class": "phi", "purpose": "treatment"}, "a.b", ["AGENT"]), "want": denied},
	"without any role": {"in": facts_test.message({"data_class": "phi", "purpose": "treatment"}, "a.b", []), "want": denied},
	"roles are a text": {"in": facts_test.message({"data_class": "phi", "purpose": "treatment"}, "a.b", "CLINICIAN"), "want": denied},
	"without a purpose": {"in": facts_test.message({"data_class": "phi"}, "a.b", ["CLINICIAN"]), "want": denied},
	"for another purpose": {"in": facts_test.message({"data_class": "phi", "purpose": "marketing"}, "a.b", ["CLINICIAN"]), "want": denied},
	"other data": {"in": facts_test.message({"data_class": "personal"}, "a.b", []), "want": set()},
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
