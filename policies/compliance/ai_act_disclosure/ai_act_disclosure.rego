# METADATA
# title: Disclosure
# description: Denies messages of agents to people that don't say that a machine wrote them.
# scope: package
# custom:
#   id: compliance.ai_act_disclosure
#   severity: medium
#   since: 0.1.0
#   article: Regulation (EU) 2024/1689 Art. 50(1), 50(2)
package cortexos.rules.compliance.ai_act_disclosure

import data.cortexos.lib.subjects

deny contains "what a machine writes to people says so (EU AI Act Art. 50)" if {
	input.principal.kind == "agent"
	_reaches_people
	not _is_disclosed
}

_reaches_people if {
	some pattern in data.cortexos.rules.compliance.ai_act_disclosure.subjects
	subjects.matches(pattern, input.message.subject)
}

_is_disclosed if input.message.headers[data.cortexos.rules.compliance.ai_act_disclosure.header] == ["true"]
