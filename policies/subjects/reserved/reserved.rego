# METADATA
# title: Reserved subjects
# description: Denies subjects of NATS itself and of the system (`$…`, `_…`, `sys.…`) to every role that is not granted exactly them.
# scope: package
# custom:
#   id: subjects.reserved
#   severity: critical
#   since: 0.1.0
package cortexos.rules.subjects.reserved

import data.cortexos.lib.subjects

deny contains "the subject is reserved, and no role of the principal is granted it" if {
	not _ordinary
	not _granted
}

# Positive on purpose: a subject that is missing or not a text is no ordinary one.
_ordinary if {
	is_string(input.message.subject)
	not _reserved
}

_reserved if {
	some prefix in data.cortexos.rules.subjects.reserved.prefixes
	startswith(input.message.subject, prefix)
}

_granted if {
	subjects.granted(data.cortexos.rules.subjects.reserved.grants, input.principal.roles, input.message.subject)
}
