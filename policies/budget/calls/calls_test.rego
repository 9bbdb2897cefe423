package cortexos.rules.budget.calls_test

import data.cortexos.rules.budget.calls as rule
import data.cortexos.rules.budget.cost_test

limited := {{
	"reason": "the budget is charged: calls",
	"key": "budget/calls/a-1",
	"rate": 600,
	"burst": 60,
	"window_ms": 60000,
}}

cases := {
	"charged": {"in": cost_test.costing("job.code.go", {}, {"calls": 5}), "want": cost_test.charged("calls", 1000000)},
	"no budget": {"in": cost_test.costing("job.code.go", {}, {}), "want": limited},
	"no state": {"in": object.remove(cost_test.costing("job.code.go", {}, {}), ["budget_state"]), "want": limited},
	"another subject": {"in": cost_test.costing("svc.x", {}, {"calls": 5}), "want": set()},
	"another subject without a budget": {"in": cost_test.costing("svc.x", {}, {}), "want": set()},
	"no principal": {"in": object.remove(cost_test.costing("job.code.go", {}, {}), ["principal"]), "want": set()},
	"nothing": {"in": {}, "want": set()},
}

test_cases[name] if {
	some name, c in cases
	got := rule.throttle with input as c["in"]
	got == c.want
}
