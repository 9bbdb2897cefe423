package cortexos.rules.llm.adapters_test

import data.cortexos.rules.llm.adapters as rule
import data.cortexos.rules.llm.request_test

denied := {"the adapter isn't on the list"}

cases := {
	"none": {"parameters": {}, "want": set()},
	"listed": {"parameters": {"adapter": "legal-1"}, "want": set()},
	"not listed": {"parameters": {"adapter": "legal-2"}, "want": denied},
	"one of two": {"parameters": {"loras": ["legal-1", "legal-2"]}, "want": denied},
	"no adapters": {"parameters": {"loras": []}, "want": set()},
	"an object": {"parameters": {"lora": {"path": "legal-1"}}, "want": denied},
	"a number": {"parameters": {"lora": 1}, "want": denied},
	"null": {"parameters": {"lora": null}, "want": set()},
}

test_cases[name] if {
	some name, c in cases
	got := rule.deny with input as request_test.asking(c.parameters)
		with data.cortexos.rules.llm.adapters.adapters as ["legal-1"]
	got == c.want
}

test_unreadable[name] if {
	some name, in_ in request_test.unreadable
	got := rule.deny with input as in_
	got == set()
}

test_no_request[name] if {
	some name, in_ in request_test.not_asking({"adapter": "x"})
	got := rule.deny with input as in_
	got == set()
}
