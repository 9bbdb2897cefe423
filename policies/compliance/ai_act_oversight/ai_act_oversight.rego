# METADATA
# title: Human oversight
# description: Holds what high-risk systems do to the world, until somebody who oversees them approves.
# scope: package
# custom:
#   id: compliance.ai_act_oversight
#   severity: high
#   since: 0.1.0
#   article: Regulation (EU) 2024/1689 Art. 14, 26(2)
package cortexos.rules.compliance.ai_act_oversight

import data.cortexos.lib.subjects
import data.cortexos.rules.compliance.facts

require_human contains object.union(data.cortexos.rules.compliance.ai_act_oversight.hold, {"reason": "what a high-risk system does is overseen by a human (EU AI Act Art. 14)"}) if {
	facts.says("ai_risk") == "high"
	_has_effect
}

_has_effect if {
	some pattern in data.cortexos.rules.compliance.ai_act_oversight.effects
	subjects.matches(pattern, input.message.subject)
}
