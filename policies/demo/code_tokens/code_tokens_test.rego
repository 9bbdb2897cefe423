package cortexos.rules.demo.code_tokens_test

import data.cortexos.rules.demo.code_tokens as rule

capped := {{
	"reason": "generation is limited to the tokens that code jobs may use",
	"set": {"/parameters/max_tokens": "4096"},
	"remove": [],
	"headers": {},
}}

cases := {
	"far above": {"subject": "job.code.python", "parameters": {"max_tokens": "32000"}, "want": capped},
	"one above": {"subject": "job.code.python", "parameters": {"max_tokens": "4097"}, "want": capped},
	"at the limit": {"subject": "job.code.python", "parameters": {"max_tokens": "4096"}, "want": set()},
	"below": {"subject": "job.code.go", "parameters": {"max_tokens": "800"}, "want": set()},
	"not a number": {"subject": "job.code.go", "parameters": {"max_tokens": "lots"}, "want": capped},
	"negative": {"subject": "job.code.go", "parameters": {"max_tokens": "-1"}, "want": capped},
	"exponent": {"subject": "job.code.go", "parameters": {"max_tokens": "1e9"}, "want": capped},
	"too many digits": {"subject": "job.code.go", "parameters": {"max_tokens": "0000000001"}, "want": capped},
	"wrong type": {"subject": "job.code.go", "parameters": {"max_tokens": 800}, "want": capped},
	"missing": {"subject": "job.code.go", "parameters": {}, "want": capped},
	"another area": {"subject": "job.math.route", "parameters": {"max_tokens": "32000"}, "want": set()},
	"deeper subject": {"subject": "job.code.go.fast", "parameters": {"max_tokens": "32000"}, "want": set()},
	"subject is a number": {"subject": 7, "parameters": {"max_tokens": "32000"}, "want": set()},
}

test_cases[name] if {
	some name, c in cases
	got := rule.modify with input as {"message": {"subject": c.subject, "payload": {"parameters": c.parameters}}}
	got == c.want
}

test_payload_missing if {
	got := rule.modify with input as {"message": {"subject": "job.code.go"}}
	got == capped
}

test_message_missing if {
	got := rule.modify with input as {}
	got == set()
}
