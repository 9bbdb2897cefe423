package cortexos.rules.llm.models_test

import data.cortexos.rules.llm.models as rule
import data.cortexos.rules.llm.request_test

denied := {"the request names no model that the principal may use"}

cases := {
	"listed": {"parameters": {"model": "small"}, "want": set()},
	"by a pattern": {"parameters": {"model": "code-7b"}, "want": set()},
	"not listed": {"parameters": {"model": "huge"}, "want": denied},
	"begins alike": {"parameters": {"model": "smaller"}, "want": denied},
	"denied by a pattern": {"parameters": {"model": "code-9-preview"}, "want": denied},
	"model is a number": {"parameters": {"model": 7}, "want": denied},
	"model is null": {"parameters": {"model": null}, "want": denied},
	"model missing": {"parameters": {}, "want": denied},
}

test_cases[name] if {
	some name, c in cases
	got := rule.deny with input as request_test.asking(c.parameters)
	got == c.want
}

test_two_models if {
	payload := {"model": "small", "parameters": {"model": "huge"}}
	got := rule.deny with input as {"message": {"subject": "llm.ask", "payload": payload}}
	got == denied
}

roles := {
	"with the role": {"principal": {"roles": ["X", "RESEARCH"]}, "model": "huge", "want": set()},
	"another model": {"principal": {"roles": ["RESEARCH"]}, "model": "large", "want": denied},
	"another role": {"principal": {"roles": ["X"]}, "model": "huge", "want": denied},
	"no role": {"principal": {"roles": []}, "model": "huge", "want": denied},
	"roles missing": {"principal": {}, "model": "huge", "want": denied},
}

test_by_role[name] if {
	some name, c in roles
	in_ := object.union(request_test.asking({"model": c.model}), {"principal": c.principal})
	got := rule.deny with input as in_
		with data.cortexos.rules.llm.models.by_role as {"RESEARCH": ["huge"]}
	got == c.want
}

test_unreadable[name] if {
	some name, in_ in request_test.unreadable
	got := rule.deny with input as in_
	got == denied
}

test_no_request[name] if {
	some name, in_ in request_test.not_asking({"model": "huge"})
	got := rule.deny with input as in_
	got == set()
}
