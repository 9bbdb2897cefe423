package cortexos.rules.compliance.ai_act_oversight_test

import data.cortexos.rules.compliance.ai_act_oversight as rule
import data.cortexos.rules.compliance.facts_test

held := {{"reason": "what a high-risk system does is overseen by a human (EU AI Act Art. 14)", "approvers": "OVERSEER", "quorum": 1, "expires_ms": 86400000}}

cases := {
	"high risk, with effect": {"in": facts_test.message({"ai_risk": "high"}, "decision.exam.grade", []), "want": held},
	"high risk, without": {"in": facts_test.message({"ai_risk": "high"}, "job.llm.ask", []), "want": set()},
	"limited risk": {"in": facts_test.message({"ai_risk": "limited"}, "decision.exam.grade", []), "want": set()},
	"risk is a number": {"in": facts_test.message({"ai_risk": 7}, "decision.exam.grade", []), "want": set()},
	"no risk": {"in": facts_test.message({}, "decision.exam.grade", []), "want": set()},
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
