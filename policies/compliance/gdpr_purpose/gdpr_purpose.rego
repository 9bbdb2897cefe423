# METADATA
# title: Purpose and legal basis
# description: Denies personal data without a purpose from the register and a legal basis.
# scope: package
# custom:
#   id: compliance.gdpr_purpose
#   severity: high
#   since: 0.1.0
#   article: GDPR Art. 5(1)(b), 6(1)
package cortexos.rules.compliance.gdpr_purpose

import data.cortexos.rules.compliance.facts

deny contains "personal data needs a purpose from the register and a legal basis (GDPR Art. 5(1)(b), 6(1))" if {
	some class in facts.classes
	class in data.cortexos.rules.compliance.gdpr_purpose.classes
	not _is_founded
}

_is_founded if {
	facts.says("purpose") in data.cortexos.rules.compliance.gdpr_purpose.purposes
	facts.says("legal_basis") in data.cortexos.rules.compliance.gdpr_purpose.legal_bases
}
