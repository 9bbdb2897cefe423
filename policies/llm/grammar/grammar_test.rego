package cortexos.rules.llm.grammar_test

import data.cortexos.rules.llm.grammar as rule

denied := {"a program reads the answer, so the request must name a grammar or schema"}

cases := {
	"grammar": {"grammar": "root ::= \"yes\" | \"no\"", "want": set()},
	"schema": {"grammar": {"type": "json_schema"}, "want": set()},
	"schema without a type": {"grammar": {"properties": {}}, "want": set()},
	"a list": {"grammar": ["yes", "no"], "want": denied},
	"any text": {"grammar": "text", "want": denied},
	"any text, in an object": {"grammar": {"type": "text"}, "want": denied},
	"an empty object": {"grammar": {}, "want": denied},
	"blanks": {"grammar": "  ", "want": denied},
	"a number": {"grammar": 7, "want": denied},
	"null": {"grammar": null, "want": denied},
}

test_cases[name] if {
	some name, c in cases
	message := {"subject": "job.k8s.plan", "payload": {"parameters": {"grammar": c.grammar}}}
	got := rule.deny with input as {"message": message}
	got == c.want
}

others := {
	"none": {"in": {"message": {"subject": "job.k8s.plan", "payload": {}}}, "want": denied},
	"no payload": {"in": {"message": {"subject": "job.k8s.plan"}}, "want": denied},
	"another subject": {"in": {"message": {"subject": "job.chat.a", "payload": {}}}, "want": set()},
	"subject is a number": {"in": {"message": {"subject": 7, "payload": {}}}, "want": set()},
	"no message": {"in": {}, "want": set()},
}

test_others[name] if {
	some name, c in others
	got := rule.deny with input as c["in"]
	got == c.want
}
