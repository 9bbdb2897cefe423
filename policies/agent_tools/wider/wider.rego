# METADATA
# title: Wider than asked
# description: Holds calls that repeat, grant, publish or force more than the user asked for.
# scope: package
# custom:
#   id: agent_tools.wider
#   severity: high
#   since: 0.1.0
package cortexos.rules.agent_tools.wider

import data.cortexos.rules.agent_tools.call
import data.cortexos.rules.agent_tools.hold
import data.cortexos.rules.agent_tools.prompt
import data.cortexos.rules.agent_tools.words

require_human contains hold.because("an argument asks for more than the prompt does") if {
	call.effectful
	some kind in data.cortexos.rules.agent_tools.wider.kinds
	not prompt.uses_any(kind.asked_by)
	walk(input.action.args, [path, leaf])
	some word in _words_of(leaf)
	word in kind.values
	some step in path
	is_string(step)
	some key in words.of_name(step)
	words.singular(key) in kind.keys
}

_words_of(leaf) := words.of_name(leaf) if is_string(leaf)

_words_of(true) := ["true"]

_words_of(leaf) := [json.marshal(leaf)] if is_number(leaf)
