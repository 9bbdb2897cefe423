# METADATA
# title: Change window
# description: Denies changes of an environment with change windows while none of them is open.
# scope: package
# custom:
#   id: environment.change_window
#   severity: high
#   since: 0.1.0
package cortexos.rules.environment.change_window

import data.cortexos.rules.environment.change

deny contains "no change window is open" if {
	change.happens
	closed
	not change.breaks_glass
}

# Whether this environment has windows, and none is open. A time that can't be read is no open window.
closed if {
	input.job_meta.environment in data.cortexos.rules.environment.change_window.environments
	not _is_open
}

_is_open if {
	when := [change.now_ns, data.cortexos.rules.environment.change_window.time_zone]
	[hour, minute, _] := time.clock(when)
	some window in data.cortexos.rules.environment.change_window.windows
	time.weekday(when) in window.days
	at := (hour * 60) + minute
	at >= _minutes(window.from)
	at < _minutes(window.until)
}

# `08:30` in minutes since midnight.
_minutes(text) := (_number(substring(text, 0, 2)) * 60) + _number(substring(text, 3, 2))

# A number may not begin with 0.
_number(digits) := (to_number(substring(digits, 0, 1)) * 10) + to_number(substring(digits, 1, 1))
