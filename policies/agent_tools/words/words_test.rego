package cortexos.rules.agent_tools.words_test

import data.cortexos.rules.agent_tools.words

test_listed if words.listed("Don't pay 12.50, Zoë!") == ["don", "t", "pay", "12", "50", "zoë"]

test_spaced if words.spaced(["a", "b"]) == " a b "

test_literals if {
	got := words.literals("Mail (Jo@B.example), 'x.txt'; see www.a.example/b. ok?")
	got == {"mail", "jo@b.example", "x.txt", "see", "www.a.example/b", "ok"}
}

names := {
	"send_email": ["send", "email"],
	"sendEmail": ["send", "email"],
	"Send-Email2": ["send", "email", "2"],
	"SEND_EMAIL": ["send", "email"],
	"": [],
}

test_of_name[name] if {
	some name, want in names
	words.of_name(name) == want
}

singulars := {
	"files": "file",
	"companies": "company",
	"boxes": "box",
	"addresses": "address",
	"address": "address",
	"dies": "die",
	"bus": "bus",
	"file": "file",
}

test_singular[word] if {
	some word, want in singulars
	words.singular(word) == want
}

test_skeleton if {
	words.skeleton("раypal") == words.skeleton("paypal")
	words.skeleton("paypa1") == words.skeleton("paypal")
	words.skeleton("MODERN") == words.skeleton("modem")
	words.skeleton("paypal") != words.skeleton("papal")
}

nears := {
	"replaced": {"one": "abcd", "other": "abxd", "want": true},
	"put in": {"one": "abcd", "other": "abxcd", "want": true},
	"taken out": {"one": "abxcd", "other": "abcd", "want": true},
	"equal": {"one": "abcd", "other": "abcd", "want": false},
	"two replaced": {"one": "abcd", "other": "axyd", "want": false},
	"two put in": {"one": "abcd", "other": "abxycd", "want": false},
}

test_near[name] if {
	some name, c in nears
	_is_near(c.one, c.other) == c.want
}

_is_near(one, other) if words.near(one, other)

_is_near(one, other) := false if not words.near(one, other)
