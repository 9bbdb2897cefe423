# METADATA
# title: Changes
# description: Which messages change something, and when they come.
# scope: package
package cortexos.rules.environment.change

import data.cortexos.lib.subjects

# A message on a subject of changes, unless it calls a tool that only reads.
happens if {
	some pattern in data.cortexos.rules.environment.change.subjects
	subjects.matches(pattern, input.message.subject)
	not _only_reads
}

_only_reads if {
	some pattern in data.cortexos.rules.environment.change.tool_subjects
	subjects.matches(pattern, input.message.subject)
	regex.find_n(`[A-Z]?[a-z]+|[A-Z]+`, input.action.tool, 1)[0] in data.cortexos.rules.environment.change.reading_words
}

now_ns := to_number(input.now_ns)

# Whether somebody with the role for it asks to pass a closed window or a freeze, and says why.
breaks_glass if {
	some role in input.principal.roles
	role in data.cortexos.rules.environment.break_glass.roles
	[reason] := input.message.headers[data.cortexos.rules.environment.break_glass.header]
	count(trim_space(reason)) >= data.cortexos.rules.environment.break_glass.reason_chars_min
}
