# METADATA
# title: Tokens
# description: Sets aside the tokens that a message may use, where there is a budget of tokens.
# scope: package
# custom:
#   id: budget.tokens
#   severity: high
#   since: 0.1.0
package cortexos.rules.budget.tokens

import data.cortexos.rules.budget.cost

throttle contains cost.charging("tokens", cost.tokens * 1000000) if {
	cost.counts
	input.budget_state.tokens
}
