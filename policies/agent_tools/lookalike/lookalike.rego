# METADATA
# title: Look-alike principal
# description: Holds calls to an address, account or host that nearly is one that the user wrote.
# scope: package
# custom:
#   id: agent_tools.lookalike
#   severity: critical
#   since: 0.1.0
package cortexos.rules.agent_tools.lookalike

import data.cortexos.rules.agent_tools.call
import data.cortexos.rules.agent_tools.hold
import data.cortexos.rules.agent_tools.principal
import data.cortexos.rules.agent_tools.prompt
import data.cortexos.rules.agent_tools.words

require_human contains hold.because("this nearly is an address, account or host that the prompt names, and isn't it") if {
	call.guarded
	some text in call.texts
	_names(text)
	value := lower(text.value)
	not principal.named(value)
	count(value) <= data.cortexos.rules.agent_tools.lookalike.chars_max
	some literal in prompt.literals
	count(literal) >= data.cortexos.rules.agent_tools.lookalike.chars_min
	_alike(value, literal)
}

_names(text) if principal.holds(text)

_names(text) if call.is_url(text.value)

_alike(value, literal) if words.skeleton(value) == words.skeleton(literal)

_alike(value, literal) if words.near(value, literal)
