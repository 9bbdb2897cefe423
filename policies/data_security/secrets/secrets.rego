# METADATA
# title: Secrets
# description: Denies messages that carry keys, tokens or passwords, except on subjects that are made for them.
# scope: package
# custom:
#   id: data_security.secrets
#   severity: critical
#   since: 0.1.0
package cortexos.rules.data_security.secrets

import data.cortexos.lib.subjects
import data.cortexos.rules.data_security.detectors

deny contains concat(" ", ["the message carries a secret:", found.kind]) if {
	some text in _texts
	some found in detectors.secret(text)
	not _made_for_them
}

_texts contains text.value if some text in detectors.texts(input.message.payload)

_texts contains value if some value in input.message.headers[_]

_made_for_them if {
	some pattern in data.cortexos.rules.data_security.secrets.subjects
	subjects.matches(pattern, input.message.subject)
}
