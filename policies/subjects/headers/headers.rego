# METADATA
# title: NATS headers
# description: Denies `Nats-…` headers that are not known to be harmless, because the server acts on them.
# scope: package
# custom:
#   id: subjects.headers
#   severity: high
#   since: 0.1.0
package cortexos.rules.subjects.headers

deny contains "the message's headers are not known" if not _known

deny contains "a header asks the server for something that is not allowed" if {
	some name, _ in input.message.headers
	startswith(lower(name), "nats-")
	not lower(name) in data.cortexos.rules.subjects.headers.allowed
}

# Positive on purpose: `not is_object(…)` of something that is missing is undefined, and the rule would not fire.
_known if is_object(input.message.headers)
