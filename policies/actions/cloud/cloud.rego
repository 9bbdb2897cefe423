# METADATA
# title: Cloud operations
# description: Denies cloud operations that destroy or change who may do what, and holds others that change something.
# scope: package
# custom:
#   id: actions.cloud
#   severity: critical
#   since: 0.1.0
package cortexos.rules.actions.cloud

import data.cortexos.rules.actions.action

deny contains "an agent neither destroys in the cloud nor changes who may do what there" if {
	some words in _operations
	_is_grave(words)
}

require_human contains action.held("changing something in the cloud needs an approval") if {
	some words in _operations
	not _is_grave(words)
	some word in words
	word in data.cortexos.rules.actions.cloud.changing
}

_is_grave(words) if {
	some word in words
	word in data.cortexos.rules.actions.cloud.destructive
}

_is_grave(words) if {
	"iam" in words
	some word in words
	word in data.cortexos.rules.actions.cloud.changing
}

# The words of each operation: of a tool whose name is about a cloud, and of each command line.
_operations contains action.tool_words if {
	some word in data.cortexos.rules.actions.cloud.tool_words
	word in action.tool_words
}

_operations contains words if {
	some command in action.commands
	some line in regex.find_n(`[^;|&\n]+`, lower(command), 50)
	plain := [word | some word in regex.find_n(`[^\s"'=]+`, line, 100); not startswith(word, "-")]
	some i, word in plain
	_program(word) in data.cortexos.rules.actions.cloud.commands
	words := {part | some j, later in plain; j > i; some part in split(later, "-")}
}

# The name of a program without its folder.
_program(word) := regex.replace(word, `^.*/`, "")
