# METADATA
# title: Transfers to third countries
# description: Denies personal data on subjects that lead to a third country, without a basis for the transfer.
# scope: package
# custom:
#   id: compliance.gdpr_transfer
#   severity: critical
#   since: 0.1.0
#   article: GDPR Art. 44-49
package cortexos.rules.compliance.gdpr_transfer

import data.cortexos.lib.subjects
import data.cortexos.rules.compliance.facts

deny contains "personal data may not leave for a third country without a basis for it (GDPR Art. 44 to 49)" if {
	some class in facts.classes
	class in data.cortexos.rules.compliance.gdpr_transfer.classes
	_leads_abroad
	not facts.says("transfer_basis") in data.cortexos.rules.compliance.gdpr_transfer.bases
}

_leads_abroad if {
	some pattern in data.cortexos.rules.compliance.gdpr_transfer.abroad
	subjects.matches(pattern, input.message.subject)
}
