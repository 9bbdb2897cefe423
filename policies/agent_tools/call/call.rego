# METADATA
# title: The call and what it does
# description: What a tool call does, from the words of its name, and what it carries, from the shape of its values.
# scope: package
package cortexos.rules.agent_tools.call

import data.cortexos.rules.agent_tools.lexicon
import data.cortexos.rules.agent_tools.words

# The pack guards tool calls of sessions that have a prompt.
guarded if {
	is_string(input.context.session.prompt)
	is_string(input.action.tool)
}

name_words := words.of_name(input.action.tool)

_verbs := [lexicon.tool_acts[word] | some word in name_words; lexicon.tool_acts[word]]

default act := "unknown"

# The first verb of the name says what the tool does.
act := "pay" if {
	_verbs[0] in {"message", "create", "change", "pay", "book"}
	"money" in topics
} else := _verbs[0]

effectful if {
	guarded
	act != "read"
}

# What the tool works on.
nouns := {word |
	some word in name_words
	not lexicon.tool_acts[word]
	not word in lexicon.filler
}

topics := {topic |
	some word in name_words
	some topic in lexicon.topics[words.singular(word)]
}

# The texts among the arguments, with the words of the nearest name.
texts contains {"keys": keys, "value": value} if {
	walk(input.action.args, [path, value])
	is_string(value)
	value != ""
	keys := {word | some step in path; is_string(step); some word in words.of_name(step)}
}
