# METADATA
# title: What prompt and call are both about
# description: Whether a tool works on something that the user's prompt is about.
# scope: package
package cortexos.rules.agent_tools.topic

import data.cortexos.rules.agent_tools.call
import data.cortexos.rules.agent_tools.prompt

related if {
	some topic in call.topics
	topic in prompt.topics
}

related if {
	some noun in call.nouns
	prompt.uses(noun)
}

# What goes into a calendar often has no other name than its day.
related if {
	some topic in call.topics
	some other in data.cortexos.rules.agent_tools.topic.implied_by[topic]
	other in prompt.topics
}

# The user named a page.
related if {
	"web" in call.topics
	some literal in prompt.literals
	regex.match(`^(?:https?://|www\.)`, literal)
}

# The user named a file.
related if {
	"file" in call.topics
	some literal in prompt.literals
	regex.match(`^[^@/]+\.[a-z][a-z0-9]{1,4}$`, literal)
}
