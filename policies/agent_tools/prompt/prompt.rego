# METADATA
# title: What the user asked for
# description: Reads the session's prompt, the only text of a session that comes from its user, and what else is declared.
# scope: package
package cortexos.rules.agent_tools.prompt

import data.cortexos.rules.agent_tools.lexicon
import data.cortexos.rules.agent_tools.words

# Longest part of a prompt that counts, in characters: what lies beyond declares nothing.
_chars_max := 16384

default text := ""

text := substring(input.context.session.prompt, 0, _chars_max)

_words := words.listed(text)

_present := {word | some word in _words}

_stems := {words.singular(word) | some word in _present}

_phrase := words.spaced(_words)

# The user's own sentences: without addresses and quotations, in which no verb asks for anything.
_prose := regex.replace(regex.replace(text, _quotation, " . "), _address, " it ")

_quotation := "(?:^|[\\s(\\[:])['\"‘“«][^'\"’”»\n]{1,160}['\"’”»](?:$|[\\s.,;:!?)\\]])"

_address := `[^\s'"“”‘’«»<>()\[\],;]*[\p{L}\p{N}_\-][@./][\p{L}\p{N}_\-][^\s'"“”‘’«»<>()\[\],;]*`

_sequence := regex.find_n(`[\p{L}\p{N}]+|[.!?;:,\n]`, lower(_prose), -1)

_at := {i: word | some i, word in _sequence}

# What the user wrote without a blank in it: words, addresses, accounts, hosts, names of files.
literals := words.literals(text)

# Numbers of the prompt.
amounts := {to_number(digits) |
	some found in regex.find_n(`[0-9]+(?:[.,][0-9]+)*`, text, 200)
	digits := replace(found, ",", "")
	regex.match(`^[0-9]{1,15}(?:\.[0-9]{1,6})?$`, digits)
}

# What the user asks to be done.
acts := _asked_acts | _paying

_asked_acts contains act if {
	some i, word in _sequence
	some act in lexicon.acts[word]
	_asked(i)
	not act in object.get(lexicon.not_acts, concat(" ", [word, _before(i, -1)]), [])
}

_asked_acts contains act if {
	some phrase, meant in lexicon.phrases
	has(phrase)
	some act in meant
}

# "Let them all know that …".
_asked_acts contains "message" if regex.match(`(?is)\b(?:let|keep)\b.{1,80}\b(?:know|posted|informed)\b`, text)

# To send money is to pay.
_paying contains "pay" if {
	some act in ["message", "add", "create", "change", "execute", "destroy"]
	act in _asked_acts
	uses_any(lexicon.money)
}

# The user leaves to something else what is to be done.
delegates if {
	some phrase in lexicon.delegations
	has(phrase)
}

# What the prompt is about.
topics := {topic | some stem in _stems; some topic in lexicon.topics[stem]}

# Whether the user speaks of more than one thing.
many if uses_any(lexicon.many)

many if {
	some word in _sequence
	singular := words.singular(word)
	singular != word
	lexicon.topics[singular]
}

many if {
	some amount in amounts
	amount > 1
	amount < 100
}

# Whether the user asks to do this to more than one thing: what follows the verb, to the end of its sentence, says so.
many_to(act) if {
	many
	not _places[act]
}

many_to(act) if {
	some i in _places[act]
	some offset in numbers.range(1, 10)
	word := _before(i, 0 - offset)
	_is_many(word)
	every between in array.slice(_sequence, i, i + offset) {
		not between in {".", "!", "?", ";", "\n"}
	}
}

# Where the verbs stand that ask for an act.
_places[act] contains i if {
	some i, word in _sequence
	some act in lexicon.acts[word]
	_asked(i)
}

_is_many(word) if word in lexicon.many

_is_many(word) if {
	singular := words.singular(word)
	singular != word
	lexicon.topics[singular]
}

_is_many(word) if {
	regex.match(`^[0-9]{1,2}$`, word)
	word != "1"
}

# What else is declared: the tools that may be used, and a directory of principals.
tools := input.context.session.declared.tools

directory := {lower(entry) |
	walk(input.context.session.declared.directory, [_, entry])
	is_string(entry)
}

# Whether the prompt has a phrase, which is words in lower case between single blanks.
has(phrase) if contains(_phrase, concat("", [" ", phrase, " "]))

# Whether the user wrote these words, one after the other.
says(value) if {
	list := words.listed(value)
	count(list) > 0
	contains(_phrase, words.spaced(list))
}

# Whether the user wrote exactly this address, account, host or name of a file.
writes(value) if lower(value) in literals

# Whether the user used the word, in singular or plural.
uses(word) if words.singular(word) in _stems

uses_any(list) if {
	some word in list
	word in _present
}

# Names of people and things in the prompt: words with a capital letter that have no meaning of their own here.
names contains lower(word) if {
	some word in regex.find_n(`\p{Lu}\p{L}{2,}`, regex.replace(text, _address, " it "), 400)
	not lexicon.acts[lower(word)]
	not lexicon.topics[lower(word)]
	not lower(word) in _common
}

_common := {word | some list in [lexicon.nouns_after, lexicon.subjects, lexicon.negations, lexicon.many, lexicon.somebody]; some word in list}

# `Hye-jin` is `hyejin` in an address.
names contains replace(lower(name), "-", "") if some name in regex.find_n(`\p{Lu}\p{L}+-\p{L}+`, text, 100)

# What follows a name as a second one, as in `Dana Moss`.
surnames[first] contains second if {
	some run in regex.find_n(`\p{Lu}\p{Ll}+(?: \p{Lu}[\p{L}\-]+)+`, text, 100)
	parts := split(lower(run), " ")
	some i, first in parts
	second := parts[i + 1]
}

# A verb counts unless it is a noun, negated, or what somebody else does.
_asked(i) if {
	not _before(i, 1) in lexicon.nouns_after
	not _before(i, 1) in lexicon.subjects
	not _negated(i)
}

_negated(i) if {
	some back in [1, 2, 3]
	_before(i, back) in lexicon.negations
	every between in array.slice(_sequence, (i - back) + 1, i) {
		not between in lexicon.negation_ends
	}
}

# The word so many words before; the empty text where there is none.
_before(i, back) := object.get(_at, i - back, "")
