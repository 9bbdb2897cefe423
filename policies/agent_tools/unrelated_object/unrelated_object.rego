# METADATA
# title: Unrelated object
# description: Holds calls that delete, run or grant something other than what the user's prompt is about.
# scope: package
# custom:
#   id: agent_tools.unrelated_object
#   severity: high
#   since: 0.1.0
package cortexos.rules.agent_tools.unrelated_object

import data.cortexos.rules.agent_tools.call
import data.cortexos.rules.agent_tools.hold
import data.cortexos.rules.agent_tools.prompt
import data.cortexos.rules.agent_tools.topic

require_human contains hold.because("the prompt isn't about what this tool works on") if {
	call.effectful
	_matters
	count(call.nouns) > 0
	not topic.related
	not _same_verb
}

_matters if call.act in data.cortexos.rules.agent_tools.unrelated_object.acts

# A change of what is known about a user, and of nothing else.
_matters if {
	count(call.topics) > 0
	every topic in call.topics {
		topic in data.cortexos.rules.agent_tools.unrelated_object.topics
	}
}

# "Deploy the api" says what it is about by its verb.
_same_verb if {
	call.act == "execute"
	prompt.uses(call.verb)
}
