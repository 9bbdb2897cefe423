# METADATA
# title: Grammars
# description: Denies requests without a grammar or schema where a program reads the answer.
# scope: package
# custom:
#   id: llm.grammar
#   severity: medium
#   since: 0.1.0
package cortexos.rules.llm.grammar

import data.cortexos.lib.subjects
import data.cortexos.rules.llm.request

deny contains "a program reads the answer, so the request must name a grammar or schema" if {
	some pattern in data.cortexos.rules.llm.grammar.subjects
	subjects.matches(pattern, input.message.subject)
	not _is_constrained
}

_is_constrained if {
	some name in data.cortexos.rules.llm.grammar.parameters
	some value in request.values(name)
	_constrains(value)
}

_constrains(value) if {
	not lower(trim_space(value)) in data.cortexos.rules.llm.grammar.loose
}

_constrains(value) if {
	is_object(value)
	count(value) > 0
	not _is_loose(value)
}

_is_loose(value) if value.type in data.cortexos.rules.llm.grammar.loose
