package cortexos.rules.data_security.redact_test

import data.cortexos.rules.data_security.redact as rule

cases := {
	"card": {
		"payload": {"args": {"body": "It is 4111 1111 1111 1111, ok?"}},
		"want": {_set("/args/body", "It is [card removed], ok?")},
	},
	"in a list, below odd names": {
		"payload": {"a/b~c": ["x", "123-45-6789"]},
		"want": {_set("/a~1b~0c/1", "[us ssn removed]")},
	},
	"two texts": {
		"payload": {"a": "123-45-6789", "b": "44051401359"},
		"want": {_set("/a", "[us ssn removed]"), _set("/b", "[pl pesel removed]")},
	},
	"two finds in a text": {
		"payload": {"a": "123-45-6789 and 44051401359"},
		"want": {_set("/a", "[us ssn removed] and [pl pesel removed]")},
	},
	"one find in another": {
		"payload": {"a": "4111111111111111 and 4111111111111111110"},
		"want": {_set("/a", "[removed]")},
	},
	"nothing to take out": {"payload": {"a": "x"}, "want": set()},
	"payload is null": {"payload": null, "want": set()},
	"payload is a number": {"payload": 4111111111111111, "want": set()},
}

test_cases[name] if {
	some name, c in cases
	got := rule.modify with input as {"message": {"subject": "chat.say", "payload": c.payload}}
		with data.cortexos.rules.data_security.redact.subjects as ["chat.>"]
	got == c.want
}

elsewhere := {
	"another subject": {"message": {"subject": "chats.say", "payload": "123-45-6789"}},
	"subject is a number": {"message": {"subject": 7, "payload": "123-45-6789"}},
	"subject missing": {"message": {"payload": "123-45-6789"}},
	"payload missing": {"message": {"subject": "chat.say"}},
	"message missing": {},
}

test_elsewhere[name] if {
	some name, in_ in elsewhere
	got := rule.modify with input as in_
		with data.cortexos.rules.data_security.redact.subjects as ["chat.>"]
	got == set()
}

_set(pointer, value) := {"reason": "personal data was taken out", "set": {pointer: value}, "remove": [], "headers": {}}
