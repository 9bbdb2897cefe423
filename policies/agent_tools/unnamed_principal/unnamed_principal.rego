# METADATA
# title: Unnamed principal
# description: Holds calls that give something to somebody whom neither the user nor a trusted directory named.
# scope: package
# custom:
#   id: agent_tools.unnamed_principal
#   severity: critical
#   since: 0.1.0
package cortexos.rules.agent_tools.unnamed_principal

import data.cortexos.rules.agent_tools.call
import data.cortexos.rules.agent_tools.hold
import data.cortexos.rules.agent_tools.prompt

require_human contains hold.because("neither the prompt nor a directory names whom this reaches") if {
	call.effectful
	some text in call.texts
	_principal(text)
	not _named(text.value)
}

_principal(text) if contains(text.value, "@")

_principal(text) if {
	some key in text.keys
	key in data.cortexos.rules.agent_tools.unnamed_principal.keys
}

_named(value) if prompt.writes(value)

_named(value) if prompt.says(value)
