# METADATA
# title: The action of a message
# description: The words of a tool's name, and the command lines and queries among its arguments.
# scope: package
package cortexos.rules.actions.action

# The words of a name such as `delete_pod`, `deletePod` or `delete-pod`.
words_of(name) := [lower(word) | some word in regex.find_n(`[A-Z]?[a-z0-9]+|[A-Z]+[0-9]*`, name, 64)]

tool_words := {word | some word in words_of(input.action.tool)}

# Command lines, however deep: a text, or a list of its words.
commands contains value if {
	walk(input.action.args, [path, value])
	is_string(value)
	path[count(path) - 1] in data.cortexos.rules.actions.action.command_arguments
}

commands contains concat(" ", list) if {
	walk(input.action.args, [path, list])
	path[count(path) - 1] in array.concat(
		data.cortexos.rules.actions.action.command_arguments,
		data.cortexos.rules.actions.action.list_arguments,
	)
	every word in list {
		is_string(word)
	}
}

# SQL, however deep.
queries contains value if {
	walk(input.action.args, [path, value])
	is_string(value)
	path[count(path) - 1] in data.cortexos.rules.actions.action.query_arguments
}

queries contains command if {
	some command in commands
	regex.match(`(?i)\b(?:psql|mysql|sqlite3|clickhouse-client|bq|sqlcmd)\b`, command)
}

# A finding that waits for a human, for a reason.
held(reason) := object.union(data.cortexos.rules.actions.action.hold, {"reason": reason})
