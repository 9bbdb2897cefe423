# METADATA
# title: Splitting
# description: Limits how often a session may do the same kind of thing, so that a large act can't be split into small ones.
# scope: package
# custom:
#   id: agent_tools.splitting
#   severity: medium
#   since: 0.1.0
package cortexos.rules.agent_tools.splitting

import data.cortexos.rules.agent_tools.call
import data.cortexos.rules.agent_tools.prompt

throttle contains finding if {
	call.effectful
	limit := data.cortexos.rules.agent_tools.splitting.limits[call.act]
	finding := {
		"reason": "the session has done this as often as the prompt asks for",
		"key": concat("/", ["agent_tools", input.context.session.id, call.act]),
		"rate": 1,
		"burst": limit[_wanted],
		"window_ms": data.cortexos.rules.agent_tools.splitting.window_ms,
	}
}

default _wanted := "one"

_wanted := "many" if prompt.many_to(call.act)
