# METADATA
# title: Sensitive path
# description: Holds calls with a path to keys, credentials or the system, or one that climbs, unless the user wrote it.
# scope: package
# custom:
#   id: agent_tools.sensitive_path
#   severity: critical
#   since: 0.1.0
package cortexos.rules.agent_tools.sensitive_path

import data.cortexos.rules.agent_tools.call
import data.cortexos.rules.agent_tools.hold
import data.cortexos.rules.agent_tools.prompt

require_human contains hold.because("the path leads to keys, credentials or the system, and the prompt doesn't name it") if {
	call.guarded
	some text in call.texts
	some pattern in data.cortexos.rules.agent_tools.sensitive_path.patterns
	regex.match(pattern, text.value)
	not prompt.writes(text.value)
}
