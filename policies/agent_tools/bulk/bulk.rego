# METADATA
# title: Bulk sweep
# description: Holds calls that touch or read far more at once than anybody asked for.
# scope: package
# custom:
#   id: agent_tools.bulk
#   severity: high
#   since: 0.1.0
package cortexos.rules.agent_tools.bulk

import data.cortexos.rules.agent_tools.call
import data.cortexos.rules.agent_tools.hold
import data.cortexos.rules.agent_tools.prompt

require_human contains hold.because("the call works on everything at once") if {
	call.effectful
	some text in call.texts
	regex.match(`^\s*(?:\*+|%+|\.\*|\.|/|[\w.\-/]*/\*+|all|\*\.\*|@all|@everyone|@channel|@here)\s*$`, lower(text.value))
}

require_human contains hold.because("the call works on more at once than the prompt asks for") if {
	call.effectful
	walk(input.action.args, [_, list])
	is_array(list)
	count(list) > _count_max
}

require_human contains hold.because("the call reads more at once than is allowed") if {
	call.reading
	walk(input.action.args, [_, list])
	is_array(list)
	count(list) > data.cortexos.rules.agent_tools.bulk.read_count_max
}

require_human contains hold.because("the call reads more at once than is allowed") if {
	call.reading
	walk(input.action.args, [path, wanted])
	is_number(wanted)
	wanted > data.cortexos.rules.agent_tools.bulk.read_limit_max
	path[count(path) - 1] in data.cortexos.rules.agent_tools.bulk.limit_keys
}

default _count_max := 3

_count_max := data.cortexos.rules.agent_tools.bulk.many_count_max if prompt.many
