package cortexos.rules.llm.request_test

import data.cortexos.rules.llm.request

# A request with these parameters; for the tests of this pack.
asking(parameters) := {"message": {"subject": "job.code.python", "payload": {"parameters": parameters}}}

# Whatever isn't a request.
not_asking(parameters) := {
	"another subject": {"message": {"subject": "svc.x", "payload": {"parameters": parameters}}},
	"subject is a number": {"message": {"subject": 7, "payload": {"parameters": parameters}}},
	"subject missing": {"message": {"payload": {"parameters": parameters}}},
	"message missing": {},
}

# Requests whose parameters can't be found.
unreadable := {
	"payload is null": {"message": {"subject": "job.code.python", "payload": null}},
	"payload is a text": {"message": {"subject": "job.code.python", "payload": "x"}},
	"payload missing": {"message": {"subject": "job.code.python"}},
	"parameters are a text": {"message": {"subject": "job.code.python", "payload": {"parameters": "x"}}},
	"no parameters": {"message": {"subject": "job.code.python", "payload": {}}},
}

test_happens if {
	request.happens with input as asking({})
	request.happens with input as {"message": {"subject": "llm.ask"}}
}

test_happens_not[name] if {
	some name, in_ in not_asking({})
	not request.happens with input as in_
}

test_values_everywhere if {
	payload := {"model": "a", "parameters": {"model": "b"}, "options": {"model": "c"}, "args": {"model": "d"}, "x": {"model": "e"}}
	got := request.values("model") with input as {"message": {"payload": payload}}
	got == {"a", "b", "c", "d"}
}

test_values_of_the_unreadable[name] if {
	some name, in_ in unreadable
	got := request.values("model") with input as in_
	got == set()
}

test_amounts if {
	payload := {"n": "12.5", "parameters": {"n": 7}, "options": {"n": "many"}, "args": {"n": "1e9"}}
	got := request.amounts("n") with input as {"message": {"payload": payload}}
	got == {12.5, 7, "many", "1e9"}
}

withins := {
	"at the least": {"value": "0", "want": true},
	"at the most": {"value": 10, "want": true},
	"above": {"value": "10.1", "want": false},
	"below": {"value": -1, "want": false},
	"a text": {"value": "many", "want": false},
	"a number in words that count as one elsewhere": {"value": "1e0", "want": false},
	"missing": {"value": null, "want": false},
}

test_within[name] if {
	some name, c in withins
	_is_within(c.value) == c.want
}

_is_within(value) if request.within("n", {"least": 0, "most": 10}) with input as asking({"n": value})

_is_within(value) := false if not request.within("n", {"least": 0, "most": 10}) with input as asking({"n": value})
