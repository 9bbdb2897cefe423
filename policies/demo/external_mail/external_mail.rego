# METADATA
# title: Mail to strangers
# description: Denies mail and invitations to addresses outside the organisation's own domains.
# scope: package
# custom:
#   id: demo.external_mail
#   severity: high
#   since: 0.1.0
package cortexos.rules.demo.external_mail

deny contains "an address is missing or outside the organisation" if {
	fields := data.cortexos.rules.demo.external_mail.tools[input.action.tool]
	not _all_inside(fields)
}

# At least one address, every field well-formed, every address inside.
_all_inside(fields) if {
	addresses := {address | some field in fields; some address in _listed(field)}
	count(addresses) > 0
	every field in fields {
		_listed(field)
	}
	every address in addresses {
		_inside(address)
	}
}

_listed(field) := value if {
	value := object.get(input.action.args, field, [])
	is_array(value)
}

_listed(field) := [value] if {
	value := input.action.args[field]
	is_string(value)
}

_inside(address) if {
	parts := split(lower(address), "@")
	count(parts) == 2
	parts[0] != ""
	parts[1] in data.cortexos.rules.demo.external_mail.own_domains
}
