# METADATA
# title: Requests to models
# description: Which messages ask a model, and their parameters, as numbers and texts or as the texts of a job.
# scope: package
package cortexos.rules.llm.request

import data.cortexos.lib.subjects

happens if {
	some pattern in data.cortexos.rules.llm.request.subjects
	subjects.matches(pattern, input.message.subject)
}

# Every value of a parameter, wherever a request may have it.
values(name) := {value |
	some path in data.cortexos.rules.llm.request.containers
	value := object.get(input.message.payload, array.concat(path, [name]), null)
	value != null
}

# A parameter's values as numbers; what is no number is left as it is.
amounts(name) := {_amount(value) | some value in values(name)}

_amount(value) := value if not _is_number_text(value)

_amount(value) := to_number(value) if _is_number_text(value)

_is_number_text(value) if regex.match(`^(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,9})?$`, value)

# Whether a parameter is there and each of its values lies between two bounds; in Rego's order no text lies between numbers.
within(name, bounds) if {
	found := amounts(name)
	count(found) > 0
	every amount in found {
		amount >= bounds.least
		amount <= bounds.most
	}
}
