# METADATA
# title: Indirect publishes
# description: Denies a message that makes the server publish, move or delete something else, unless a role is granted exactly that.
# scope: package
# custom:
#   id: subjects.effects
#   severity: critical
#   since: 0.1.0
package cortexos.rules.subjects.effects

import data.cortexos.lib.subjects

deny contains "the message's effects are not known" if not _known

deny contains "the message causes another publish or change that no role of the principal is granted" if {
	some effect in input.message.effects
	not _judged_elsewhere(effect)
	not _granted(effect)
}

# Positive on purpose: `not is_array(…)` of something that is missing is undefined, and the rule would not fire.
_known if is_array(input.message.effects)

# Replies are judged by subjects.reply, and what a header does to the message itself by subjects.headers.
_judged_elsewhere(effect) if effect.kind in {"reply", "message_id", "expectation", "time_to_live", "batch", "counter"}

_granted(effect) if {
	some role in input.principal.roles
	some pattern in data.cortexos.rules.subjects.effects.grants[role][effect.kind]
	subjects.matches(pattern, effect.subject)
}
