# METADATA
# title: Sampling
# description: Denies requests with a temperature or other way of sampling outside its bounds; closer ones hold where answers are run.
# scope: package
# custom:
#   id: llm.sampling
#   severity: medium
#   since: 0.1.0
package cortexos.rules.llm.sampling

import data.cortexos.lib.subjects
import data.cortexos.rules.llm.request

deny contains concat(" ", ["outside its bounds:", name]) if {
	request.happens
	some name, bounds in data.cortexos.rules.llm.sampling.bounds
	count(request.values(name)) > 0
	not request.within(name, bounds)
}

deny contains concat(" ", ["outside its bounds for what is run:", name]) if {
	_is_run
	some name, bounds in data.cortexos.rules.llm.sampling.deterministic
	count(request.values(name)) > 0
	not request.within(name, bounds)
}

_is_run if {
	some pattern in data.cortexos.rules.llm.sampling.deterministic_subjects
	subjects.matches(pattern, input.message.subject)
}
