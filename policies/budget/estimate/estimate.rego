# METADATA
# title: Estimates
# description: Denies messages whose estimate is negative, missing or beyond what a message may cost at most.
# scope: package
# custom:
#   id: budget.estimate
#   severity: high
#   since: 0.1.0
package cortexos.rules.budget.estimate

import data.cortexos.rules.budget.cost

deny contains "the estimate is no amount that a message may cost" if {
	cost.counts
	not _is_fair
}

_is_fair if {
	every name in ["tokens_in", "tokens_out", "usd_micros"] {
		input.cost_estimate[name] >= 0
	}
	cost.tokens <= data.cortexos.rules.budget.cost.most.tokens
	cost.usd_micros <= data.cortexos.rules.budget.cost.most.usd_micros
}
