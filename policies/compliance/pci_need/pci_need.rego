# METADATA
# title: Need to know
# description: Denies cardholder data to principals without a role that needs it, and on subjects outside the cardholder data environment.
# scope: package
# custom:
#   id: compliance.pci_need
#   severity: critical
#   since: 0.1.0
#   article: PCI DSS 4.0.1 req. 7.2.1, 1.3.1
package cortexos.rules.compliance.pci_need

import data.cortexos.lib.subjects
import data.cortexos.rules.compliance.facts

deny contains "cardholder data is for roles that need to know (PCI DSS 7.2.1)" if {
	_handles_cards
	not _has_role
}

deny contains "cardholder data stays in its environment (PCI DSS 1.3.1)" if {
	_handles_cards
	not _is_inside
}

_handles_cards if {
	some class in facts.classes
	class in data.cortexos.rules.compliance.pci_need.classes
}

_has_role if {
	some role in input.principal.roles
	role in data.cortexos.rules.compliance.pci_need.roles
}

_is_inside if {
	some pattern in data.cortexos.rules.compliance.pci_need.environment
	subjects.matches(pattern, input.message.subject)
}
