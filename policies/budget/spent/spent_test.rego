package cortexos.rules.budget.spent_test

import data.cortexos.rules.budget.cost_test
import data.cortexos.rules.budget.spent as rule

held := {{
	"reason": "the budget is nearly spent: money",
	"approvers": "BUDGET_OWNER",
	"quorum": 1,
	"expires_ms": 3600000,
}}

denied := {"the budget doesn't cover it: money"}

# The limit is 100000: its last part is 5000.
cases := {
	"enough": {"left": 9000, "want": {"deny": set(), "hold": set()}},
	"at the last part": {"left": 5042, "want": {"deny": set(), "hold": set()}},
	"below it": {"left": 5041, "want": {"deny": set(), "hold": held}},
	"just enough": {"left": 42, "want": {"deny": set(), "hold": held}},
	"too little": {"left": 41, "want": {"deny": denied, "hold": set()}},
	"nothing": {"left": 0, "want": {"deny": denied, "hold": set()}},
}

test_cases[name] if {
	some name, c in cases
	_answer(cost_test.costing("job.code.go", {"usd_micros": 42}, {"money": c.left})) == c.want
}

free := {"deny": set(), "hold": set()}

others := {
	"no budget": cost_test.costing("job.code.go", {"usd_micros": 42}, {}),
	"another subject": cost_test.costing("svc.x", {"usd_micros": 42}, {"money": 0}),
	"no state": {"message": {"subject": "job.code.go"}, "cost_estimate": {"tokens_in": 0, "tokens_out": 0, "usd_micros": 0}},
	"no estimate": {"message": {"subject": "job.code.go"}, "budget_state": {"money": {"remaining": 0, "limit": 1}}},
	"nothing at all": {},
}

test_others[name] if {
	some name, in_ in others
	_answer(in_) == free
}

_answer(in_) := {"deny": denials, "hold": holds} if {
	denials := rule.deny with input as in_
	holds := rule.require_human with input as in_
}
