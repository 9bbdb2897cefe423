# METADATA
# title: Subject patterns
# description: NATS subject patterns as functions of their arguments.
# scope: package
package cortexos.lib.subjects

# Whether a subject lies under a pattern: `*` is one token, a last `>` is one or more.
matches(pattern, subject) if pattern == subject

matches(">", subject) if subject != ""

matches(pattern, subject) if {
	endswith(pattern, ".>")
	not contains(pattern, "*")
	prefix := trim_suffix(pattern, ">")
	startswith(subject, prefix)
	subject != prefix
}

matches(pattern, subject) if {
	contains(pattern, "*")
	wanted := split(pattern, ".")
	tokens := split(subject, ".")
	_fits(wanted, tokens)
	every i, token in wanted {
		_token_matches(token, tokens[i])
	}
}

# Whether any of the roles is granted a pattern that the subject lies under.
granted(grants, roles, subject) if {
	some role in roles
	some pattern in grants[role]
	matches(pattern, subject)
}

_fits(wanted, tokens) if {
	wanted[count(wanted) - 1] != ">"
	count(tokens) == count(wanted)
}

_fits(wanted, tokens) if {
	wanted[count(wanted) - 1] == ">"
	count(tokens) >= count(wanted)
}

_token_matches(token, _) if token in {"*", ">"}

_token_matches(token, actual) if token == actual
