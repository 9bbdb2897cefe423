# METADATA
# title: Redaction of messages
# description: Takes card numbers and secret keys out of what an agent writes to people.
# scope: package
# custom:
#   id: demo.redact
#   severity: high
#   since: 0.1.0
package cortexos.rules.demo.redact

modify contains finding if {
	some field in data.cortexos.rules.demo.redact.tools[input.action.tool]
	text := input.action.args[field]
	found := _found(text)
	count(found) > 0
	finding := {
		"reason": "a card number or secret key was taken out",
		"set": {concat("/", ["", "args", field]): _redacted(text, found)},
		"remove": [],
		"headers": {},
	}
}

# What was found, by what takes its place.
_found(text) := {match: kind.replacement |
	some kind in data.cortexos.rules.demo.redact.kinds
	some groups in regex.find_all_string_submatch_n(kind.pattern, text, -1)
	match := groups[0]
}

_redacted(text, found) := strings.replace_n(found, text) if not _overlap(found)

# Where one find is part of another, the order of replacing would matter; then all of the text goes.
_redacted(_, found) := "[removed]" if _overlap(found)

_overlap(found) if {
	some one, _ in found
	some other, _ in found
	one != other
	contains(other, one)
}
