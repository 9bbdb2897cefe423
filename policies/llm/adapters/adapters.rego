# METADATA
# title: Adapters
# description: Denies requests with an adapter that isn't on the list.
# scope: package
# custom:
#   id: llm.adapters
#   severity: high
#   since: 0.1.0
package cortexos.rules.llm.adapters

import data.cortexos.rules.llm.request

deny contains "the adapter isn't on the list" if {
	request.happens
	some name in data.cortexos.rules.llm.adapters.parameters
	some value in request.values(name)
	some adapter in _listed(value)
	not adapter in data.cortexos.rules.llm.adapters.adapters
}

_listed(value) := value if is_array(value)

_listed(value) := [value] if not is_array(value)
