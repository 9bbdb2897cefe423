# METADATA
# title: Sensitive authentication data
# description: Denies card verification codes, PINs and track data anywhere but on the subject of authorisation.
# scope: package
# custom:
#   id: compliance.pci_authentication
#   severity: critical
#   since: 0.1.0
#   article: PCI DSS 4.0.1 req. 3.3.1
package cortexos.rules.compliance.pci_authentication

import data.cortexos.lib.subjects

deny contains "sensitive authentication data isn't kept after authorisation (PCI DSS 3.3.1)" if {
	_carries_authentication
	not _authorises
}

_carries_authentication if {
	walk(input.message.payload, [path, value])
	_is_something(value)
	name := path[count(path) - 1]
	lower(regex.replace(name, `[^A-Za-z0-9]`, "")) in data.cortexos.rules.compliance.pci_authentication.names
}

_is_something(value) if is_string(value)

_is_something(value) if is_number(value)

_authorises if {
	some pattern in data.cortexos.rules.compliance.pci_authentication.authorisation
	subjects.matches(pattern, input.message.subject)
}
