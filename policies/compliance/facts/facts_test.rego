package cortexos.rules.compliance.facts_test

import data.cortexos.rules.compliance.facts

# A message of a workload with these labels, on a subject, by somebody with these roles; for the tests of this pack.
message(labels, subject, roles) := {
	"principal": {"roles": roles},
	"job_meta": {"labels": labels},
	"message": {"subject": subject, "headers": {}, "payload": null},
	"context": {"labels": []},
}

test_classes if {
	in_ := object.union(message({"data_class": "personal, health"}, "a.b", []), {"context": {"labels": ["card"]}})
	got := facts.classes with input as in_
	got == {"personal", "health", "card"}
}

test_classes_missing[name] if {
	some name, in_ in {
		"nothing": {},
		"label is a number": {"job_meta": {"labels": {"data_class": 7}}, "context": {"labels": 7}},
	}
	got := facts.classes with input as in_
	got == set()
}

test_says if {
	got := facts.says("purpose") with input as message({"purpose": "billing"}, "a.b", [])
	got == "billing"
	missing := facts.says("purpose") with input as {}
	missing == ""
}
