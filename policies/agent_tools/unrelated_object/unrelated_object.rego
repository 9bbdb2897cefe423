# METADATA
# title: Unrelated object
# description: Holds calls that change something other than what the user's prompt is about.
# scope: package
# custom:
#   id: agent_tools.unrelated_object
#   severity: high
#   since: 0.1.0
package cortexos.rules.agent_tools.unrelated_object

import data.cortexos.rules.agent_tools.call
import data.cortexos.rules.agent_tools.hold
import data.cortexos.rules.agent_tools.prompt

require_human contains hold.because("the prompt isn't about what this tool works on") if {
	call.effectful
	call.act in data.cortexos.rules.agent_tools.unrelated_object.acts
	count(call.nouns) > 0
	not _related
}

_related if {
	some topic in call.topics
	topic in prompt.topics
}

_related if {
	some noun in call.nouns
	prompt.uses(noun)
}

# What goes into a calendar often has no other name than its day.
_related if {
	some topic in call.topics
	some other in data.cortexos.rules.agent_tools.unrelated_object.implied_by[topic]
	other in prompt.topics
}

# The user named a file.
_related if {
	"file" in call.topics
	some literal in prompt.literals
	regex.match(`^[^@/]+\.[a-z][a-z0-9]{1,4}$`, literal)
}

_related if {
	prompt.delegates
	call.act in {"create", "add", "change"}
}
