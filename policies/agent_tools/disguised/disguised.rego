# METADATA
# title: Disguised principal
# description: Denies addresses, accounts and hosts with invisible characters, or that only look like one that the user wrote.
# scope: package
# custom:
#   id: agent_tools.disguised
#   severity: critical
#   since: 0.1.0
package cortexos.rules.agent_tools.disguised

import data.cortexos.rules.agent_tools.call
import data.cortexos.rules.agent_tools.principal
import data.cortexos.rules.agent_tools.prompt
import data.cortexos.rules.agent_tools.words

deny contains "an address, account or host has invisible characters" if {
	call.guarded
	some text in call.texts
	_names(text)
	regex.match(`[\x{00AD}\x{034F}\x{061C}\x{115F}\x{180E}\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{206F}\x{FE00}-\x{FE0F}\x{FEFF}]`, text.value)
}

deny contains "an address, account or host looks like one that the user wrote, and is written in other letters" if {
	call.guarded
	some text in call.texts
	_names(text)
	regex.match(`[^\x00-\x7f]`, text.value)
	not principal.named(text.value)
	words.skeleton(text.value) in _skeletons
}

_names(text) if principal.holds(text)

_names(text) if call.is_url(text.value)

_skeletons := {words.skeleton(literal) | some literal in prompt.literals}
