# METADATA
# title: What the user asked for
# description: Reads the session's prompt, the only text of a session that comes from its user.
# scope: package
package cortexos.rules.agent_tools.prompt

import data.cortexos.rules.agent_tools.lexicon
import data.cortexos.rules.agent_tools.words

# Longest part of a prompt that counts, in characters: what lies beyond declares nothing.
_chars_max := 16384

default text := ""

text := substring(input.context.session.prompt, 0, _chars_max)

_sequence := words.listed(text)

present := {word | some word in _sequence}

_stems := {words.singular(word) | some word in present}

_phrase := words.spaced(_sequence)

_literals := words.literals(text)

# What the user asks to be done: verbs that aren't nouns, nobody else's and not negated.
_asked_acts contains act if {
	some i, word in _sequence
	some act in lexicon.acts[word]
	_asked(i)
}

_asked_acts contains act if {
	some phrase, meant in lexicon.phrases
	says(phrase)
	some act in meant
}

acts := _asked_acts | _paying

# To send money is to pay.
_paying contains "pay" if {
	some act in {"message", "create", "share", "change"}
	act in _asked_acts
	asks_for_money
}

asks_for_money if {
	some word in lexicon.money
	word in present
}

# The user leaves to something else what is to be done.
delegates if {
	some phrase in lexicon.delegations
	says(phrase)
}

# Whether the user wrote these words, one after the other.
says(value) if {
	list := words.listed(value)
	count(list) > 0
	contains(_phrase, words.spaced(list))
}

# Whether the user wrote exactly this address, account, host or name of a file.
writes(value) if lower(value) in _literals

# Whether the user used the word, in singular or plural.
uses(word) if words.singular(word) in _stems

_asked(i) if {
	not _before(i, 1) in lexicon.nouns_after
	not _before(i, 1) in lexicon.subjects
	not _negated(i)
	not concat(" ", [_sequence[i], _before(i, -1)]) in lexicon.not_acts
}

_negated(i) if {
	some back in [1, 2, 3]
	_before(i, back) in lexicon.negations
}

# The word so many words before; the empty text where there is none.
_before(i, back) := object.get(_at, i - back, "")

_at := {i: word | some i, word in _sequence}
