# METADATA
# title: Leak
# description: Holds calls whose texts carry addresses, links, accounts or secrets that the user didn't speak of.
# scope: package
# custom:
#   id: agent_tools.leak
#   severity: high
#   since: 0.1.0
package cortexos.rules.agent_tools.leak

import data.cortexos.rules.agent_tools.call
import data.cortexos.rules.agent_tools.hold
import data.cortexos.rules.agent_tools.prompt

require_human contains hold.because(concat(" ", ["a text carries", kind.what, "that the prompt doesn't speak of"])) if {
	call.guarded
	some kind in data.cortexos.rules.agent_tools.leak.kinds
	_watched(kind)
	not prompt.uses_any(kind.asked_by)
	some text in call.texts
	_carries(text, kind)
}

# A search for something is short.
require_human contains hold.because("a text is long enough to carry something out with a search") if {
	call.reading
	some text in call.texts
	count(text.value) > data.cortexos.rules.agent_tools.leak.search_chars_max
}

_watched(kind) if {
	call.effectful
	kind.in_acting
}

_watched(kind) if {
	call.reading
	kind.in_reading
}

_carries(text, kind) if {
	some found in regex.find_n(kind.pattern, text.value, 100)
	_is_mixed(found, kind)
	not _spoken_of(found)
	not _is_whole(found, text, kind)
}

_is_mixed(found, kind) if {
	every pattern in kind.and {
		regex.match(pattern, found)
	}
}

_spoken_of(found) if prompt.writes(trim(found, ".:!?*/"))

_spoken_of(found) if prompt.says(found)

# An argument that is nothing else is judged by what it is for.
_is_whole(found, text, kind) if {
	kind.whole_is_fine
	found == text.value
	not call.is_free(text)
	_may_stand_alone(kind, text)
}

_may_stand_alone(kind, _) if not kind.whole_under

_may_stand_alone(kind, text) if {
	some key in kind.whole_under
	key in text.keys
}
