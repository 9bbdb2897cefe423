package cortexos.rules.subjects.headers_test

import data.cortexos.rules.subjects.headers as rule

denied := {"a header asks the server for something that is not allowed"}

unknown := {"the message's headers are not known"}

cases := {
	"none": {"headers": {}, "want": set()},
	"message id": {"headers": {"nats-msg-id": ["1"]}, "want": set()},
	"judged as an effect": {"headers": {"nats-rollup": ["sub"]}, "want": set()},
	"of the application": {"headers": {"x-agent": ["1"], "traceparent": ["00"]}, "want": set()},
	"begins alike": {"headers": {"natsy-thing": ["1"]}, "want": set()},
	"trace without delivery": {"headers": {"nats-trace-only": ["true"]}, "want": denied},
	"batch": {"headers": {"nats-batch-id": ["1"]}, "want": denied},
	"one of two": {"headers": {"nats-msg-id": ["1"], "nats-incr": ["5"]}, "want": denied},
	"in another case": {"headers": {"NATS-Trace-Only": ["true"]}, "want": denied},
	"headers are an array": {"headers": ["nats-msg-id"], "want": unknown},
	"headers are null": {"headers": null, "want": unknown},
}

test_cases[name] if {
	some name, c in cases
	got := rule.deny with input as {"message": {"headers": c.headers}}
	got == c.want
}

test_headers_missing if {
	got := rule.deny with input as {"message": {}}
	got == unknown
}

test_message_missing if {
	got := rule.deny with input as {}
	got == unknown
}
