# METADATA
# title: Databases
# description: Denies statements that destroy or grant, and writes without a condition; holds other writes, and denies them in protected databases.
# scope: package
# custom:
#   id: actions.database
#   severity: critical
#   since: 0.1.0
package cortexos.rules.actions.database

import data.cortexos.rules.actions.action

deny contains "a statement destroys, grants or writes without a condition" if {
	some statement in _statements
	_is_destructive(statement)
}

deny contains "a protected database isn't written by an agent" if {
	some statement in _statements
	_is_writing(statement)
	_is_protected
}

require_human contains action.held("writing to a database needs an approval") if {
	some statement in _statements
	_is_writing(statement)
	not _is_protected
	not _is_destructive(statement)
}

# Statements without their comments and texts, in which any word may stand.
_statements contains statement if {
	some query in action.queries
	bare := regex.replace(query, `--[^\n]*|/\*(?s:.*?)\*/|'(?:[^']|'')*'`, " ")
	some part in split(bare, ";")
	statement := lower(trim_space(part))
}

# A command line quotes its statement.
_statements contains lower(trim_space(part)) if {
	some query in action.queries
	query in action.commands
	some groups in regex.find_all_string_submatch_n(`["']([^"']*)["']`, query, 50)
	some part in split(groups[1], ";")
}

_is_destructive(statement) if {
	regex.match(`^(?:drop|truncate|alter|grant|revoke|shutdown|attach|detach|load|copy)\b|\binto\s+(?:out|dump)file\b|\bxp_cmdshell\b`, statement)
}

_is_destructive(statement) if {
	regex.match(`\b(?:delete\s+from|update)\b`, statement)
	not regex.match(`\bwhere\b`, statement)
	not regex.match(`\bfor\s+update\b`, statement)
}

# A condition that always holds is none.
_is_destructive(statement) if {
	regex.match(`\b(?:delete\s+from|update)\b`, statement)
	regex.match(`\bwhere\s+(?:true\b|1\s*=\s*1|1\b\s*(?:$|or\b))|\bor\s+(?:true\b|1\s*=\s*1)`, statement)
}

_is_writing(statement) if {
	regex.match(`\b(?:insert\s+into|update\s+\S+\s+set|delete\s+from|merge\s+into|replace\s+into|create|call|exec|execute|do)\b`, statement)
}

_is_protected if {
	some name in data.cortexos.rules.actions.database.database_arguments
	some word in regex.find_n(`[A-Za-z0-9_\-]+`, input.action.args[name], 20)
	some pattern in data.cortexos.rules.actions.database.protected_databases
	glob.match(pattern, [], lower(word))
}
