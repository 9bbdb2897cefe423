# METADATA
# title: Reply subjects
# description: Denies a reply subject outside the principal's inboxes, because the answer is published there by somebody with more rights.
# scope: package
# custom:
#   id: subjects.reply
#   severity: critical
#   since: 0.1.0
package cortexos.rules.subjects.reply

import data.cortexos.lib.subjects

deny contains "the reply subject is no inbox of the principal" if not _own_inbox

# Positive on purpose: a reply that is missing or not a text is nobody's inbox.
_own_inbox if input.message.reply == ""

_own_inbox if {
	some prefix in _prefixes
	startswith(input.message.reply, prefix)
}

_own_inbox if {
	subjects.granted(data.cortexos.rules.subjects.reply.grants, input.principal.roles, input.message.reply)
}

_prefixes := object.get(
	data.cortexos.rules.subjects.reply.inbox_prefixes_of,
	input.principal.id,
	data.cortexos.rules.subjects.reply.inbox_prefixes,
)
