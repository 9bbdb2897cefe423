# METADATA
# title: Break-glass
# description: Holds a change that asks to pass a closed window or a freeze until two approve; without asking it is denied.
# scope: package
# custom:
#   id: environment.break_glass
#   severity: critical
#   since: 0.1.0
package cortexos.rules.environment.break_glass

import data.cortexos.rules.environment.change
import data.cortexos.rules.environment.change_window
import data.cortexos.rules.environment.freeze

require_human contains object.union(
	data.cortexos.rules.environment.break_glass.hold,
	{"reason": "passing a closed window or a freeze needs two approvals"},
) if {
	change.happens
	change.breaks_glass
	_is_closed
}

_is_closed if change_window.closed

_is_closed if freeze.frozen
