# METADATA
# title: Cost
# description: What a message costs, by what its sender estimates and what it costs at least.
# scope: package
package cortexos.rules.budget.cost

import data.cortexos.lib.subjects

# Messages on these subjects cost something.
counts if {
	some pattern in data.cortexos.rules.budget.cost.subjects
	subjects.matches(pattern, input.message.subject)
}

tokens := max([
	data.cortexos.rules.budget.cost.least.tokens,
	input.cost_estimate.tokens_in + input.cost_estimate.tokens_out,
])

usd_micros := max([data.cortexos.rules.budget.cost.least.usd_micros, input.cost_estimate.usd_micros])

# A limit on calls that also sets an amount aside: unlike `allow` it grants nothing.
charging(scope, amount) := object.union(limiting(scope), {"budget": {"scope": scope, "amount": amount}})

limiting(scope) := {
	"reason": concat(" ", ["the budget is charged:", scope]),
	"key": concat("/", ["budget", scope, input.principal.id]),
	"rate": data.cortexos.rules.budget.calls.rate,
	"burst": data.cortexos.rules.budget.calls.burst,
	"window_ms": data.cortexos.rules.budget.calls.window_ms,
}
