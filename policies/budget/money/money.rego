# METADATA
# title: Money
# description: Sets aside the money that a message may cost, where there is a budget of money.
# scope: package
# custom:
#   id: budget.money
#   severity: high
#   since: 0.1.0
package cortexos.rules.budget.money

import data.cortexos.rules.budget.cost

throttle contains cost.charging("money", cost.usd_micros) if {
	cost.counts
	input.budget_state.money
}
