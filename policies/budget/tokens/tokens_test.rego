package cortexos.rules.budget.tokens_test

import data.cortexos.rules.budget.cost_test
import data.cortexos.rules.budget.tokens as rule

estimate := {"tokens_in": 30, "tokens_out": 12}

cases := {
	"charged": {"in": cost_test.costing("job.code.go", estimate, {"tokens": 5}), "want": cost_test.charged("tokens", 42000000)},
	"nothing estimated": {"in": cost_test.costing("job.code.go", {}, {"tokens": 5}), "want": cost_test.charged("tokens", 0)},
	"no budget": {"in": cost_test.costing("job.code.go", estimate, {}), "want": set()},
	"another budget": {"in": cost_test.costing("job.code.go", estimate, {"x": 5}), "want": set()},
	"another subject": {"in": cost_test.costing("svc.x", estimate, {"tokens": 5}), "want": set()},
	"no estimate": {"in": object.remove(cost_test.costing("job.code.go", {}, {"tokens": 5}), ["cost_estimate"]), "want": set()},
	"no principal": {"in": object.remove(cost_test.costing("job.code.go", {}, {"tokens": 5}), ["principal"]), "want": set()},
	"no message": {"in": object.remove(cost_test.costing("job.code.go", {}, {"tokens": 5}), ["message"]), "want": set()},
	"nothing": {"in": {}, "want": set()},
}

test_cases[name] if {
	some name, c in cases
	got := rule.throttle with input as c["in"]
	got == c.want
}
