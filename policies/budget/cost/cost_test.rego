package cortexos.rules.budget.cost_test

import data.cortexos.rules.budget.cost

# A message on a subject with an estimate, and what is left of each scope; for the tests of this pack.
costing(subject, estimate, left) := {
	"principal": {"id": "a-1"},
	"message": {"subject": subject},
	"cost_estimate": object.union({"tokens_in": 0, "tokens_out": 0, "usd_micros": 0, "wall_ms": 0}, estimate),
	"budget_state": {scope: {"limit": 100000, "committed": 0, "reserved": 0, "remaining": remaining} |
		some scope, remaining in left
	},
}

# The finding that charges.
charged(scope, amount) := {{
	"reason": concat(" ", ["the budget is charged:", scope]),
	"key": concat("/", ["budget", scope, "a-1"]),
	"rate": 600,
	"burst": 60,
	"window_ms": 60000,
	"budget": {"scope": scope, "amount": amount},
}}

test_counts if {
	cost.counts with input as costing("job.code.go", {}, {})
	not cost.counts with input as costing("svc.x", {}, {})
	not cost.counts with input as {}
}

test_at_least if {
	in_ := costing("job.code.go", {"tokens_in": 3, "tokens_out": 4, "usd_micros": 5}, {})
	tokens := cost.tokens with input as in_
		with data.cortexos.rules.budget.cost.least.tokens as 10
	tokens == 10
	estimated := cost.tokens with input as in_
	estimated == 7
	usd_micros := cost.usd_micros with input as in_
		with data.cortexos.rules.budget.cost.least.usd_micros as 6
	usd_micros == 6
}
