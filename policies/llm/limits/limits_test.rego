package cortexos.rules.llm.limits_test

import data.cortexos.rules.llm.limits as rule
import data.cortexos.rules.llm.request_test

missing := {"a limit is missing: max_tokens"}

beyond := {"beyond its limit: max_tokens"}

cases := {
	"within": {"parameters": {"max_tokens": "4096"}, "want": set()},
	"as a number": {"parameters": {"max_tokens": 4096}, "want": set()},
	"a token more": {"parameters": {"max_tokens": "4097"}, "want": beyond},
	"none at all": {"parameters": {"max_tokens": 0}, "want": beyond},
	"no limit by a negative number": {"parameters": {"max_tokens": -1}, "want": beyond},
	"a text": {"parameters": {"max_tokens": "all"}, "want": beyond},
	"null": {"parameters": {"max_tokens": null}, "want": missing},
	"missing": {"parameters": {}, "want": missing},
	"too large a context": {"parameters": {"max_tokens": 1, "num_ctx": 32769}, "want": {"beyond its limit: num_ctx"}},
}

test_cases[name] if {
	some name, c in cases
	got := rule.deny with input as request_test.asking(c.parameters)
	got == c.want
}

test_unreadable[name] if {
	some name, in_ in request_test.unreadable
	got := rule.deny with input as in_
	got == missing
}

test_no_request[name] if {
	some name, in_ in request_test.not_asking({"max_tokens": 99999})
	got := rule.deny with input as in_
	got == set()
}
