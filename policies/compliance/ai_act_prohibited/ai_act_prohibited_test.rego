package cortexos.rules.compliance.ai_act_prohibited_test

import data.cortexos.rules.compliance.ai_act_prohibited as rule
import data.cortexos.rules.compliance.facts_test

denied := {"this use of AI is prohibited (EU AI Act Art. 5)"}

cases := {
	"prohibited": {"in": facts_test.message({"ai_use": "social_scoring"}, "a.b", []), "want": denied},
	"another use": {"in": facts_test.message({"ai_use": "support"}, "a.b", []), "want": set()},
	"use is a number": {"in": facts_test.message({"ai_use": 7}, "a.b", []), "want": set()},
	"no use": {"in": facts_test.message({}, "a.b", []), "want": set()},
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
