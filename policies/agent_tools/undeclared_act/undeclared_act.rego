# METADATA
# title: Undeclared act
# description: Holds calls that do something that the user's prompt doesn't ask for.
# scope: package
# custom:
#   id: agent_tools.undeclared_act
#   severity: high
#   since: 0.1.0
package cortexos.rules.agent_tools.undeclared_act

import data.cortexos.rules.agent_tools.call
import data.cortexos.rules.agent_tools.hold
import data.cortexos.rules.agent_tools.prompt

require_human contains hold.because("the prompt doesn't ask for what this tool does") if {
	call.effectful
	not _declared
}

_declared if {
	some asked in data.cortexos.rules.agent_tools.undeclared_act.declared_by[call.act]
	asked in prompt.acts
}
