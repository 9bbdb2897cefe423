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

_words := words.of_name(input.action.tool)

_verb_places := [i | some i, word in _words; lexicon.tool_acts[word]]

# The first verb of the name says what the tool does, or the one behind an "and" that does more.
verb := _words[_verb_at]

_verb_at := min(_second_verb_places) if {
	count(_second_verb_places) > 0
} else := min(_verb_places)

_second_verb_places := [i |
	some i in _verb_places
	_words[i - 1] in {"and", "then", "or"}
	lexicon.tool_acts[_words[i]] != "read"
]

_rest := [word | some i, word in _words; not i == _verb_at]

# The name's words that aren't its verb: what the tool works on.
nouns := {word | some word in _rest; not word in lexicon.filler}

topics := {topic |
	some word in nouns
	some topic in lexicon.topics[words.singular(word)]
}

default act := "unknown"

act := "read" if {
	lexicon.tool_acts[verb] == "read"
} else := "read" if {
	verb == "open"
	some topic in ["file", "mail", "web"]
	topic in topics
} else := "credential" if {
	lexicon.tool_acts[verb]
	"credential" in topics
} else := "pay" if {
	lexicon.tool_acts[verb] in {"message", "create", "change", "add", "pay"}
	"money" in topics
} else := lexicon.tool_acts[verb]

reading if {
	guarded
	act == "read"
}

effectful if {
	guarded
	act != "read"
}

# The texts among the arguments, with the words of the names above them. A number is a text too: an account may come as one.
texts contains {"keys": keys, "value": value} if {
	walk(input.action.args, [path, leaf])
	value := _text_of(leaf)
	keys := {words.singular(word) | some step in path; is_string(step); some word in words.of_name(step)}
}

_text_of(leaf) := leaf if {
	is_string(leaf)
	leaf != ""
}

_text_of(leaf) := json.marshal(leaf) if is_number(leaf)

# Texts that people read, such as a title or a body.
is_free(text) if {
	some key in text.keys
	key in data.cortexos.rules.agent_tools.call.free
}

# Addresses, accounts and hosts by their shape.
is_mail(value) if regex.match(`^[^@\s]+@[^@\s]+$`, value)

is_account(value) if regex.match(`^[A-Za-z]{2}[0-9]{2}[A-Za-z0-9]{10,30}$`, replace(value, " ", ""))

is_url(value) if regex.match(`^(?:[A-Za-z][A-Za-z0-9+.\-]*://|www\.)\S+$`, value)

is_date(value) if regex.match(`^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T][0-9:.Z+\-]*)?$`, value)

is_time(value) if regex.match(`^[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?$`, value)
