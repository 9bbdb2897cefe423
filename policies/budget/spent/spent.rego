# METADATA
# title: Nearly spent
# description: Holds messages that would take a budget below its last part, and denies those that it doesn't cover.
# scope: package
# custom:
#   id: budget.spent
#   severity: medium
#   since: 0.1.0
package cortexos.rules.budget.spent

import data.cortexos.rules.budget.cost

deny contains concat(" ", ["the budget doesn't cover it:", scope]) if {
	some scope, amount in _amounts
	input.budget_state[scope].remaining < amount
}

require_human contains object.union(
	data.cortexos.rules.budget.spent.hold,
	{"reason": concat(" ", ["the budget is nearly spent:", scope])},
) if {
	some scope, amount in _amounts
	state := input.budget_state[scope]
	state.remaining >= amount
	(state.remaining - amount) * 100 < state.limit * data.cortexos.rules.budget.spent.held_below_percent
}

_amounts := {"tokens": cost.tokens * 1000000, "money": cost.usd_micros, "calls": 1000000} if cost.counts
