package cortexos.rules.compliance.ai_act_logs_test

import data.cortexos.rules.compliance.ai_act_logs as rule
import data.cortexos.rules.compliance.facts_test

denied := {"a high-risk system keeps its logs for six months at least (EU AI Act Art. 12, 19, 26(6))"}

cases := {
	"long enough": {"in": facts_test.message({"ai_risk": "high", "log_retention_days": "183"}, "a.b", []), "want": set()},
	"a day less": {"in": facts_test.message({"ai_risk": "high", "log_retention_days": "182"}, "a.b", []), "want": denied},
	"a text": {"in": facts_test.message({"ai_risk": "high", "log_retention_days": "years"}, "a.b", []), "want": denied},
	"a number": {"in": facts_test.message({"ai_risk": "high", "log_retention_days": 365}, "a.b", []), "want": denied},
	"missing": {"in": facts_test.message({"ai_risk": "high"}, "a.b", []), "want": denied},
	"limited risk": {"in": facts_test.message({"ai_risk": "limited"}, "a.b", []), "want": set()},
	"no risk": {"in": facts_test.message({}, "a.b", []), "want": set()},
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
