# METADATA
# title: Limits of context and output
# description: Denies requests that name no limit for their output, or ask for more than the limits of output and context.
# scope: package
# custom:
#   id: llm.limits
#   severity: high
#   since: 0.1.0
package cortexos.rules.llm.limits

import data.cortexos.rules.llm.request

deny contains concat(" ", ["a limit is missing:", name]) if {
	request.happens
	some name in data.cortexos.rules.llm.limits.required
	count(request.values(name)) == 0
}

deny contains concat(" ", ["beyond its limit:", name]) if {
	request.happens
	some name, bounds in data.cortexos.rules.llm.limits.bounds
	count(request.values(name)) > 0
	not request.within(name, bounds)
}
