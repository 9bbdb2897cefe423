# METADATA
# title: Token limit of code jobs
# description: Lowers `max_tokens` of code jobs to the limit; a job that asks for none or for something unreadable gets the limit.
# scope: package
# custom:
#   id: demo.code_tokens
#   severity: medium
#   since: 0.1.0
package cortexos.rules.demo.code_tokens

import data.cortexos.lib.subjects

modify contains finding if {
	some pattern in data.cortexos.rules.demo.code_tokens.subjects
	subjects.matches(pattern, input.message.subject)
	not _within_limit
	finding := {
		"reason": "generation is limited to the tokens that code jobs may use",
		"set": {"/parameters/max_tokens": format_int(data.cortexos.rules.demo.code_tokens.tokens_max, 10)},
		"remove": [],
		"headers": {},
	}
}

_within_limit if {
	tokens := input.message.payload.parameters.max_tokens
	regex.match(`^[0-9]{1,9}$`, tokens)
	to_number(tokens) <= data.cortexos.rules.demo.code_tokens.tokens_max
}
