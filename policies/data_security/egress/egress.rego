# METADATA
# title: Egress by label
# description: Denies a message that may carry what came from a labelled source, on a subject that such data may not go to.
# scope: package
# custom:
#   id: data_security.egress
#   severity: critical
#   since: 0.1.0
package cortexos.rules.data_security.egress

import data.cortexos.lib.subjects

deny contains concat(" ", ["data with this label may not go here:", label]) if {
	some label in input.context.labels
	sinks := _sinks(label)
	not _leads_to(sinks)
}

# Where data with a label may go; with a label that nobody knows, nowhere but where all may.
_sinks(label) := object.get(data.cortexos.rules.data_security.egress.sinks, label, data.cortexos.rules.data_security.egress.unknown)

_leads_to(sinks) if {
	some pattern in sinks
	subjects.matches(pattern, input.message.subject)
	not _moved_on(sinks)
}

# Whatever else the message makes the server publish must lead to such a place too.
_moved_on(sinks) if {
	some effect in input.message.effects
	effect.kind in data.cortexos.rules.data_security.egress.moving_effects
	not _is_sink(sinks, effect.subject)
}

_is_sink(sinks, subject) if {
	some pattern in sinks
	subjects.matches(pattern, subject)
}
