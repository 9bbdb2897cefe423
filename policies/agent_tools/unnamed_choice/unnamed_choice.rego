# METADATA
# title: Unnamed choice
# description: Holds bookings, payments, deletions, programs and credentials with a value that the user didn't name.
# scope: package
# custom:
#   id: agent_tools.unnamed_choice
#   severity: high
#   since: 0.1.0
package cortexos.rules.agent_tools.unnamed_choice

import data.cortexos.rules.agent_tools.call
import data.cortexos.rules.agent_tools.hold
import data.cortexos.rules.agent_tools.prompt

require_human contains hold.because("the prompt doesn't name what this books, deletes, runs or grants") if {
	call.effectful
	call.act in data.cortexos.rules.agent_tools.unnamed_choice.acts
	some text in call.texts
	_chooses(text)
	not _named(text.value)
}

# The user named something of the same shape, and it was another.
require_human contains hold.because("the prompt names another one than this") if {
	call.effectful
	call.act in data.cortexos.rules.agent_tools.unnamed_choice.strict_acts
	some text in call.texts
	_is_opaque(text)
	not _named(text.value)
	some literal in prompt.literals
	_shape(literal) == _shape(lower(text.value))
}

_chooses(text) if {
	not _is_opaque(text)
	not call.is_date(text.value)
	not call.is_time(text.value)
	not call.is_free(text)
	regex.match(`\p{L}`, text.value)
}

# Ids, numbers and amounts come from elsewhere: a user doesn't know them.
_is_opaque(text) if "id" in text.keys

_is_opaque(text) if regex.match(`^[A-Za-z]{0,5}[-_#]?[0-9]+(?:\.[0-9]+)?$`, text.value)

_named(value) if prompt.says(value)

_named(value) if lower(value) in prompt.directory

_shape(value) := regex.replace(value, `[0-9]`, "9") if regex.match(`[0-9]{3}`, value)
