# METADATA
# title: Freeze
# description: Denies changes of an environment while it is frozen.
# scope: package
# custom:
#   id: environment.freeze
#   severity: high
#   since: 0.1.0
package cortexos.rules.environment.freeze

import data.cortexos.rules.environment.change

deny contains "the environment is frozen" if {
	change.happens
	frozen
	not change.breaks_glass
}

# Whether a freeze covers this environment now. A freeze or a time that can't be read is a freeze.
frozen if {
	some freeze in data.cortexos.rules.environment.freeze.freezes
	input.job_meta.environment in freeze.environments
	not _is_over(freeze)
}

_is_over(freeze) if change.now_ns < time.parse_rfc3339_ns(freeze.from)

_is_over(freeze) if change.now_ns >= time.parse_rfc3339_ns(freeze.until)
