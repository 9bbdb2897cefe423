package cortexos.rules.llm.sampling_test

import data.cortexos.rules.llm.request_test
import data.cortexos.rules.llm.sampling as rule

outside := {"outside its bounds: temperature"}

run := {"outside its bounds for what is run: temperature"}

cases := {
	"none": {"subject": "job.chat.a", "temperature": null, "want": set()},
	"within": {"subject": "job.chat.a", "temperature": "1", "want": set()},
	"above": {"subject": "job.chat.a", "temperature": "1.1", "want": outside},
	"negative": {"subject": "job.chat.a", "temperature": -1, "want": outside},
	"a text": {"subject": "job.chat.a", "temperature": "hot", "want": outside},
	"for what is run": {"subject": "job.code.a", "temperature": "0.3", "want": set()},
	"too warm for what is run": {"subject": "job.code.a", "temperature": "0.31", "want": run},
	"too warm for what is run elsewhere": {"subject": "job.k8s.a", "temperature": "0.31", "want": run},
	"too warm for anything": {"subject": "job.code.a", "temperature": 2, "want": (outside | run)},
}

test_cases[name] if {
	some name, c in cases
	payload := {"parameters": {"temperature": c.temperature}}
	got := rule.deny with input as {"message": {"subject": c.subject, "payload": payload}}
	got == c.want
}

test_unreadable[name] if {
	some name, in_ in request_test.unreadable
	got := rule.deny with input as in_
	got == set()
}

test_no_request[name] if {
	some name, in_ in request_test.not_asking({"temperature": 9})
	got := rule.deny with input as in_
	got == set()
}
