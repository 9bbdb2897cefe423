# METADATA
# title: Special categories
# description: Holds what handles special categories of personal data, until the data protection officer agrees.
# scope: package
# custom:
#   id: compliance.gdpr_special
#   severity: high
#   since: 0.1.0
#   article: GDPR Art. 9
package cortexos.rules.compliance.gdpr_special

import data.cortexos.rules.compliance.facts

require_human contains object.union(data.cortexos.rules.compliance.gdpr_special.hold, {"reason": "special categories of personal data need an exception and somebody who agrees (GDPR Art. 9)"}) if {
	some class in facts.classes
	class in data.cortexos.rules.compliance.gdpr_special.classes
	not _is_excepted
}

_is_excepted if facts.says("special_basis") in data.cortexos.rules.compliance.gdpr_special.exceptions
