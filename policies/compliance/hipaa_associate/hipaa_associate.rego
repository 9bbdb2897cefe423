# METADATA
# title: Business associates
# description: Denies protected health information on subjects that lead outside, unless to a business associate under an agreement.
# scope: package
# custom:
#   id: compliance.hipaa_associate
#   severity: critical
#   since: 0.1.0
#   article: 45 CFR 164.502(e), 164.504(e)
package cortexos.rules.compliance.hipaa_associate

import data.cortexos.lib.subjects
import data.cortexos.rules.compliance.facts

deny contains "health information goes only to associates under an agreement (45 CFR 164.504(e))" if {
	some class in facts.classes
	class in data.cortexos.rules.compliance.hipaa_associate.classes
	_any_matches(data.cortexos.rules.compliance.hipaa_associate.outside)
	not _any_matches(data.cortexos.rules.compliance.hipaa_associate.associates)
}

_any_matches(patterns) if {
	some pattern in patterns
	subjects.matches(pattern, input.message.subject)
}
