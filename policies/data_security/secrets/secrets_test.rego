package cortexos.rules.data_security.secrets_test

import data.cortexos.rules.data_security.secrets as rule

denied := {"the message carries a secret: aws_key"}

cases := {
	"in the payload": {"message": _message("a.b", {"x": ["key AKIAIOSFODNN7EXAMPLE"]}, {}), "want": denied},
	"in a header": {"message": _message("a.b", {}, {"x-key": ["a", "AKIAIOSFODNN7EXAMPLE"]}), "want": denied},
	"payload is a text": {"message": _message("a.b", "AKIAIOSFODNN7EXAMPLE", {}), "want": denied},
	"none": {"message": _message("a.b", {"x": "AKIA"}, {"x-key": ["a"]}), "want": set()},
	"payload is null": {"message": _message("a.b", null, {}), "want": set()},
	"payload is a number": {"message": _message("a.b", 7, {}), "want": set()},
	"made for it": {"message": _message("vault.put", {"x": "AKIAIOSFODNN7EXAMPLE"}, {}), "want": set()},
	"begins alike": {"message": _message("vault2.put", {"x": "AKIAIOSFODNN7EXAMPLE"}, {}), "want": denied},
	"subject missing": {"message": {"payload": "AKIAIOSFODNN7EXAMPLE"}, "want": denied},
	"headers are a text": {"message": {"payload": null, "headers": "AKIAIOSFODNN7EXAMPLE"}, "want": set()},
	"nothing": {"message": {}, "want": set()},
}

test_cases[name] if {
	some name, c in cases
	got := rule.deny with input as {"message": c.message}
		with data.cortexos.rules.data_security.secrets.subjects as ["vault.>"]
	got == c.want
}

test_message_missing if {
	got := rule.deny with input as {}
	got == set()
}

_message(subject, payload, headers) := {"subject": subject, "payload": payload, "headers": headers}
