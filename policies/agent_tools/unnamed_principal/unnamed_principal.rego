# METADATA
# title: Unnamed principal
# description: Holds calls that reach somebody whom neither the user nor a trusted directory named.
# scope: package
# custom:
#   id: agent_tools.unnamed_principal
#   severity: critical
#   since: 0.1.0
package cortexos.rules.agent_tools.unnamed_principal

import data.cortexos.rules.agent_tools.call
import data.cortexos.rules.agent_tools.hold
import data.cortexos.rules.agent_tools.principal
import data.cortexos.rules.agent_tools.prompt

require_human contains hold.because("neither the prompt nor a directory names whom this reaches") if {
	call.effectful
	some text in call.texts
	principal.holds(text)
	not principal.named(text.value)
	not _described(text)
}

# Whoever is reached inside may be described instead of named, as in "everyone in the team"; an address or an account never.
_described(text) if {
	call.act in data.cortexos.rules.agent_tools.unnamed_principal.describable
	regex.match(`^\p{L}[\p{L}\p{N} _.'\-]{0,40}$`, text.value)
	some key in text.keys
	some phrase in data.cortexos.rules.agent_tools.unnamed_principal.described_by[key]
	prompt.has(phrase)
}
