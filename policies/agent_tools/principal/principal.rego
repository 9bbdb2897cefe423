# METADATA
# title: Principals in arguments
# description: Which arguments name somebody or some place, and whether the user or a trusted directory named it.
# scope: package
package cortexos.rules.agent_tools.principal

import data.cortexos.rules.agent_tools.call
import data.cortexos.rules.agent_tools.prompt

# Whether a text of a call names whom it reaches: by its shape, or by the name of its argument.
holds(text) if call.is_mail(text.value)

holds(text) if {
	call.is_account(text.value)
	not "id" in text.keys
}

holds(text) if {
	some key in text.keys
	key in data.cortexos.rules.agent_tools.principal.keys
	not "id" in text.keys
	not call.is_date(text.value)
}

named(value) if prompt.writes(value)

named(value) if lower(value) in prompt.directory

named(value) if {
	not contains(value, "@")
	prompt.says(value)
}

named(value) if {
	count(prompt.directory) == 0
	_is_address_of_a_name(value)
}

# The address of somebody whom the user named without an address: every part of it before the @ is a word, the first of them the name, and the
# surname is there when the user wrote one.
_is_address_of_a_name(value) if {
	call.act in data.cortexos.rules.agent_tools.principal.by_name
	address := lower(value)
	regex.match(`^[a-z]+(?:[._\-][a-z]+)?@[a-z0-9.\-]+$`, address)
	words := regex.find_n(`[a-z]+`, split(address, "@")[0], 3)
	some name in words
	name in prompt.names
	not _has_other_surname(name, words)
	not _is_written_otherwise(words)
}

_has_other_surname(name, words) if {
	some second in prompt.surnames[name]
	not second in words
}

# The user wrote an address with the same name: then it must be that one.
_is_written_otherwise(words) if {
	some literal in prompt.literals
	contains(literal, "@")
	some word in words
	count(word) > 2
	contains(split(literal, "@")[0], word)
}
