# METADATA
# title: Tools of a session
# description: Allows tool calls of sessions that have a prompt, on the subject that names the tool; other rules hold what the prompt doesn't declare.
# scope: package
# custom:
#   id: agent_tools.grant
#   severity: critical
#   since: 0.1.0
package cortexos.rules.agent_tools.grant

import data.cortexos.lib.subjects
import data.cortexos.rules.agent_tools.call

allow contains "the session has a prompt, and the subject names the tool" if {
	call.guarded
	some pattern in data.cortexos.rules.agent_tools.grant.tool_subjects
	subjects.matches(pattern, input.message.subject)
	tokens := input.message.tokens
	tokens[count(tokens) - 1] == input.action.tool
}
