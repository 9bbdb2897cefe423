# METADATA
# title: Models
# description: Denies requests that name no model, one that isn't on the list, or one that no role of the principal may use.
# scope: package
# custom:
#   id: llm.models
#   severity: high
#   since: 0.1.0
package cortexos.rules.llm.models

import data.cortexos.rules.llm.request

deny contains "the request names no model that the principal may use" if {
	request.happens
	not _may_be_used
}

_may_be_used if {
	named := request.values("model")
	count(named) > 0
	every model in named {
		_is_listed(model)
		not _is_denied(model)
	}
}

_is_listed(model) if _any_matches(data.cortexos.rules.llm.models.models, model)

_is_listed(model) if {
	some role in input.principal.roles
	_any_matches(data.cortexos.rules.llm.models.by_role[role], model)
}

_is_denied(model) if _any_matches(data.cortexos.rules.llm.models.denied, model)

_any_matches(patterns, model) if {
	some pattern in patterns
	glob.match(pattern, [], model)
}
