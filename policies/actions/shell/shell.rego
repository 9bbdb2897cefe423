# METADATA
# title: Shell commands
# description: Denies command lines that destroy a machine, run what was just fetched, or open a way in; holds all but reading ones.
# scope: package
# custom:
#   id: actions.shell
#   severity: critical
#   since: 0.1.0
package cortexos.rules.actions.shell

import data.cortexos.rules.actions.action

deny contains "the command line destroys, runs what it fetches, or opens a way in" if {
	some command in action.commands
	some pattern in data.cortexos.rules.actions.shell.destructive
	regex.match(pattern, command)
}

require_human contains action.held("a command line that does more than read needs an approval") if {
	_is_shell
	not _only_reads
}

_is_shell if {
	some word in data.cortexos.rules.actions.shell.tool_words
	word in action.tool_words
}

_is_shell if count(action.commands) > 0

# There is a command, each starts with a program that only reads, and none is hidden in another or written to a file.
_only_reads if {
	count(action.commands) > 0
	every command in action.commands {
		not regex.match("[`<>]|\\$\\(|\\bxargs\\b|-exec\\b|-delete\\b|\\s-o\\b", command)
		_reads(command)
	}
}

_reads(command) if {
	programs := [trim_space(line) | some line in regex.find_n(`[^;|&\n]+`, command, 100); trim_space(line) != ""]
	count(programs) > 0
	every line in programs {
		split(line, " ")[0] in data.cortexos.rules.actions.shell.reading
	}
}
