package cortexos.rules.budget.money_test

import data.cortexos.rules.budget.cost_test
import data.cortexos.rules.budget.money as rule

estimate := {"usd_micros": 42}

cases := {
	"charged": {"in": cost_test.costing("job.code.go", estimate, {"money": 5}), "want": cost_test.charged("money", 42)},
	"nothing estimated": {"in": cost_test.costing("job.code.go", {}, {"money": 5}), "want": cost_test.charged("money", 0)},
	"no budget": {"in": cost_test.costing("job.code.go", estimate, {}), "want": set()},
	"another budget": {"in": cost_test.costing("job.code.go", estimate, {"x": 5}), "want": set()},
	"another subject": {"in": cost_test.costing("svc.x", estimate, {"money": 5}), "want": set()},
	"no estimate": {"in": object.remove(cost_test.costing("job.code.go", {}, {"money": 5}), ["cost_estimate"]), "want": set()},
	"no principal": {"in": object.remove(cost_test.costing("job.code.go", {}, {"money": 5}), ["principal"]), "want": set()},
	"no message": {"in": object.remove(cost_test.costing("job.code.go", {}, {"money": 5}), ["message"]), "want": set()},
	"nothing": {"in": {}, "want": set()},
}

test_cases[name] if {
	some name, c in cases
	got := rule.throttle with input as c["in"]
	got == c.want
}
