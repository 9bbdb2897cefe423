package cortexos.rules.compliance.gdpr_special_test

import data.cortexos.rules.compliance.facts_test
import data.cortexos.rules.compliance.gdpr_special as rule

held := {{"reason": "special categories of personal data need an exception and somebody who agrees (GDPR Art. 9)", "approvers": "DATA_PROTECTION_OFFICER", "quorum": 1, "expires_ms": 86400000}}

cases := {
	"special": {"in": facts_test.message({"data_class": "health"}, "a.b", []), "want": held},
	"one of two classes": {"in": facts_test.message({"data_class": "personal,health"}, "a.b", []), "want": held},
	"excepted": {"in": facts_test.message({"data_class": "health", "special_basis": "medical_care"}, "a.b", []), "want": set()},
	"another exception": {"in": facts_test.message({"data_class": "health", "special_basis": "none"}, "a.b", []), "want": held},
	"exception is a number": {"in": facts_test.message({"data_class": "health", "special_basis": 7}, "a.b", []), "want": held},
	"personal": {"in": facts_test.message({"data_class": "personal"}, "a.b", []), "want": set()},
	"no class": {"in": facts_test.message({}, "a.b", []), "want": set()},
}

test_cases[name] if {
	some name, c in cases
	got := rule.require_human with input as c["in"]
	got == c.want
}

test_nothing if {
	got := rule.require_human with input as {}
	got == set()
}
