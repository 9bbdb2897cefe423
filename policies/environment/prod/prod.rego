# METADATA
# title: Production
# description: Denies changes of production to every principal without a role for it.
# scope: package
# custom:
#   id: environment.prod
#   severity: critical
#   since: 0.1.0
package cortexos.rules.environment.prod

import data.cortexos.rules.environment.change

deny contains "changing production needs a role for it" if {
	input.job_meta.environment in data.cortexos.rules.environment.prod.environments
	change.happens
	not _has_role
}

_has_role if {
	some role in input.principal.roles
	role in data.cortexos.rules.environment.prod.roles
}
