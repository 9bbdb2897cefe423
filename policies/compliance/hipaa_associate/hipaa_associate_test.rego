package cortexos.rules.compliance.hipaa_associate_test

import data.cortexos.rules.compliance.facts_test
import data.cortexos.rules.compliance.hipaa_associate as rule

denied := {"health information goes only to associates under an agreement (45 CFR 164.504(e))"}

cases := {
	"outside": {"in": facts_test.message({"data_class": "phi"}, "partner.ads.post", []), "want": denied},
	"to an associate": {"in": facts_test.message({"data_class": "phi"}, "partner.lab.order", []), "want": set()},
	"inside": {"in": facts_test.message({"data_class": "phi"}, "ward.note", []), "want": set()},
	"other data": {"in": facts_test.message({"data_class": "public"}, "partner.ads.post", []), "want": set()},
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
