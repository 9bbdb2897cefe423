# METADATA
# title: Unnamed amount
# description: Holds payments and bookings of an amount that isn't positive, or large and not named by the user.
# scope: package
# custom:
#   id: agent_tools.amount
#   severity: high
#   since: 0.1.0
package cortexos.rules.agent_tools.amount

import data.cortexos.rules.agent_tools.call
import data.cortexos.rules.agent_tools.hold
import data.cortexos.rules.agent_tools.prompt
import data.cortexos.rules.agent_tools.words

require_human contains hold.because("the amount isn't positive, or is large and not in the prompt") if {
	call.effectful
	call.act in {"pay", "book"}
	some name, amount in input.action.args
	_is_amount(name)
	not is_null(amount)
	not _fine(amount)
}

_is_amount(name) if {
	some word in words.of_name(name)
	words.singular(word) in data.cortexos.rules.agent_tools.amount.keys
}

_fine(amount) if {
	is_number(amount)
	amount > 0
	amount <= data.cortexos.rules.agent_tools.amount.unnamed_max
}

_fine(amount) if {
	is_number(amount)
	amount > 0
	amount in prompt.amounts
}
