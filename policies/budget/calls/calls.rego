# METADATA
# title: Calls
# description: Counts a message against the budget of calls, where there is one, and limits how fast a principal may send.
# scope: package
# custom:
#   id: budget.calls
#   severity: high
#   since: 0.1.0
package cortexos.rules.budget.calls

import data.cortexos.rules.budget.cost

throttle contains cost.charging("calls", 1000000) if {
	cost.counts
	input.budget_state.calls
}

throttle contains cost.limiting("calls") if {
	cost.counts
	not input.budget_state.calls
}
