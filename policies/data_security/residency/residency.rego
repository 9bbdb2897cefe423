# METADATA
# title: Residency
# description: Denies a message of a tenant whose data must stay in a region, on a subject that leads to another region or to none that is known.
# scope: package
# custom:
#   id: data_security.residency
#   severity: critical
#   since: 0.1.0
package cortexos.rules.data_security.residency

import data.cortexos.lib.subjects

deny contains concat(" ", ["the tenant's data must stay in", region]) if {
	region := data.cortexos.rules.data_security.residency.tenants[input.principal.tenant]
	_leads_abroad
	not _stays_in(region)
}

# The subjects that lead anywhere in particular.
_leads_abroad if {
	some pattern in data.cortexos.rules.data_security.residency.regional_subjects
	subjects.matches(pattern, input.message.subject)
}

_stays_in(region) if {
	some pattern in data.cortexos.rules.data_security.residency.regions[region]
	subjects.matches(pattern, input.message.subject)
}
