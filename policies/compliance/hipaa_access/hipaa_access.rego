# METADATA
# title: Minimum necessary
# description: Denies protected health information to principals without a role for it or without a purpose of treatment, payment or operations.
# scope: package
# custom:
#   id: compliance.hipaa_access
#   severity: critical
#   since: 0.1.0
#   article: 45 CFR 164.502(b), 164.506, 164.312(a)(1)
package cortexos.rules.compliance.hipaa_access

import data.cortexos.rules.compliance.facts

deny contains "health information needs a role and one of the purposes for it (45 CFR 164.502(b), 164.506)" if {
	some class in facts.classes
	class in data.cortexos.rules.compliance.hipaa_access.classes
	not _may
}

_may if {
	facts.says("purpose") in data.cortexos.rules.compliance.hipaa_access.purposes
	some role in input.principal.roles
	role in data.cortexos.rules.compliance.hipaa_access.roles
}
