# METADATA
# title: Tenant walls
# description: Denies subjects that name another tenant than the principal's, wherever the data says that a subject names a tenant.
# scope: package
# custom:
#   id: subjects.tenant_wall
#   severity: critical
#   since: 0.1.0
package cortexos.rules.subjects.tenant_wall

import data.cortexos.lib.subjects

deny contains "the subject belongs to another tenant" if {
	some wall in data.cortexos.rules.subjects.tenant_wall.walls
	subjects.matches(wall.pattern, input.message.subject)
	not _own(wall)
}

# Positive on purpose: with tenant or tokens missing, the subject is not the principal's own.
_own(wall) if {
	input.principal.tenant != ""
	input.message.tokens[wall.token] == input.principal.tenant
}
