# METADATA
# title: Automated decisions
# description: Holds decisions with a legal or similar effect on a person, until a human has seen them.
# scope: package
# custom:
#   id: compliance.gdpr_automated
#   severity: high
#   since: 0.1.0
#   article: GDPR Art. 22
package cortexos.rules.compliance.gdpr_automated

import data.cortexos.lib.subjects

require_human contains object.union(data.cortexos.rules.compliance.gdpr_automated.hold, {"reason": "a decision with effect on a person is not left to a machine alone (GDPR Art. 22)"}) if {
	input.principal.kind != "human"
	_decides
}

_decides if {
	some pattern in data.cortexos.rules.compliance.gdpr_automated.decisions
	subjects.matches(pattern, input.message.subject)
}
