# METADATA
# title: Personal data
# description: Denies messages that carry card or account numbers or national ids, except on subjects that are cleared for them or are redacted.
# scope: package
# custom:
#   id: data_security.personal_data
#   severity: critical
#   since: 0.1.0
package cortexos.rules.data_security.personal_data

import data.cortexos.lib.subjects
import data.cortexos.rules.data_security.detectors
import data.cortexos.rules.data_security.redact

deny contains concat(" ", ["the message carries personal data:", found.kind]) if {
	some text in detectors.texts(input.message.payload)
	some found in detectors.personal(text.value)
	not _cleared(found.kind)
	not redact.applies
}

_cleared(kind) if {
	some pattern in data.cortexos.rules.data_security.personal_data.cleared[kind]
	subjects.matches(pattern, input.message.subject)
}
