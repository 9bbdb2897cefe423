# METADATA
# title: Words of a text
# description: Cuts texts and names of tools into words, as functions of their arguments.
# scope: package
package cortexos.rules.agent_tools.words

# The words of a text, in order and in lower case.
listed(text) := regex.find_n(`[\p{L}\p{N}]+`, lower(text), -1)

# Words between single blanks, one at each end too, so that a phrase is found with its borders.
spaced(list) := concat("", [" ", concat(" ", list), " "])

# Pieces between blanks, quotes, brackets, commas and semicolons, without punctuation at their ends: addresses, accounts, names of files.
literals(text) := {literal |
	some piece in regex.find_n(_piece, lower(text), -1)
	literal := trim_right(piece, ".:!?*")
	literal != ""
}

# The words of a name such as `send_email`, `sendEmail` or `send-email`.
of_name(name) := [lower(word) | some word in regex.find_n(`[A-Z]?[a-z]+|[A-Z]+|[0-9]+`, name, 64)]

# A word without its plural.
singular(word) := concat("", [trim_suffix(word, "ies"), "y"]) if {
	endswith(word, "ies")
	count(word) > 4
} else := trim_suffix(word, "es") if {
	regex.match(`(?:ss|x|ch|sh)es$`, word)
} else := trim_suffix(word, "s") if {
	endswith(word, "s")
	not endswith(word, "ss")
	count(word) > 3
} else := word

# The letters and digits that can be taken for others, as those others.
skeleton(text) := replace(strings.replace_n(data.cortexos.rules.agent_tools.words.alike, lower(text)), "rn", "m")

# Whether two texts differ by a single change: one is the other with a character taken out, put in or replaced.
near(one, other) if {
	one != other
	abs(count(one) - count(other)) < 2
	some shorter in _without_one(one)
	shorter in (_without_one(other) | {other})
}

near(one, other) if one in _without_one(other)

_without_one(text) := {shorter |
	some i in numbers.range(0, count(text) - 1)
	shorter := concat("", [substring(text, 0, i), substring(text, i + 1, -1)])
}

_piece := "[^\\s\"'“”‘’«»<>()\\[\\]{},;`|]+"
