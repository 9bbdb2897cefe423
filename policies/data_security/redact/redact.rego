# METADATA
# title: Redaction
# description: Takes card and account numbers and national ids out of messages to people, and leaves the rest of the text.
# scope: package
# custom:
#   id: data_security.redact
#   severity: high
#   since: 0.1.0
package cortexos.rules.data_security.redact

import data.cortexos.lib.subjects
import data.cortexos.rules.data_security.detectors

modify contains finding if {
	applies
	some text in detectors.texts(input.message.payload)
	found := detectors.personal(text.value)
	count(found) > 0
	finding := {
		"reason": "personal data was taken out",
		"set": {_pointer(text.path): _redacted(text.value, {one.match: _instead(one.kind) | some one in found})},
		"remove": [],
		"headers": {},
	}
}

# Whether messages on this subject are redacted.
applies if {
	some pattern in data.cortexos.rules.data_security.redact.subjects
	subjects.matches(pattern, input.message.subject)
}

_instead(kind) := concat("", ["[", replace(kind, "_", " "), " removed]"])

_redacted(value, by) := strings.replace_n(by, value) if not _overlap(by)

# Where one find is part of another, the order of replacing would matter; then all of the text goes.
_redacted(_, by) := "[removed]" if _overlap(by)

_overlap(by) if {
	some one, _ in by
	some other, _ in by
	one != other
	contains(other, one)
}

# RFC 6901.
_pointer(path) := concat("/", array.concat([""], [_step(step) | some step in path]))

_step(step) := replace(replace(step, "~", "~0"), "/", "~1") if is_string(step)

_step(step) := format_int(step, 10) if is_number(step)
