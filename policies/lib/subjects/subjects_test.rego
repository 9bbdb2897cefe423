package cortexos.lib.subjects_test

import data.cortexos.lib.subjects

cases := {
	"equal": {"pattern": "job.code.go", "subject": "job.code.go", "want": true},
	"shorter": {"pattern": "job.code.go", "subject": "job.code", "want": false},
	"another": {"pattern": "job.code.go", "subject": "job.code.rust", "want": false},
	"star is one token": {"pattern": "job.*.go", "subject": "job.code.go", "want": true},
	"star is not two tokens": {"pattern": "job.*", "subject": "job.code.go", "want": false},
	"star is not no token": {"pattern": "job.*", "subject": "job", "want": false},
	"star at the end": {"pattern": "job.code.*", "subject": "job.code.go", "want": true},
	"star with another token": {"pattern": "job.*.go", "subject": "job.code.rust", "want": false},
	"rest is one": {"pattern": "job.>", "subject": "job.code", "want": true},
	"rest is many": {"pattern": "job.>", "subject": "job.code.go.fast", "want": true},
	"rest is not none": {"pattern": "job.>", "subject": "job", "want": false},
	"rest is not an empty token": {"pattern": "job.>", "subject": "job.", "want": false},
	"rest needs the dot": {"pattern": "job.>", "subject": "jobs.code", "want": false},
	"rest after star": {"pattern": "tenant.*.>", "subject": "tenant.acme.a.b", "want": true},
	"rest after star is not none": {"pattern": "tenant.*.>", "subject": "tenant.acme", "want": false},
	"everything": {"pattern": ">", "subject": "a.b", "want": true},
	"nothing": {"pattern": ">", "subject": "", "want": false},
	"subject is a number": {"pattern": "job.>", "subject": 7, "want": false},
	"subject is null": {"pattern": "job.*", "subject": null, "want": false},
}

test_matches[name] if {
	some name, c in cases
	got := _is_match(c.pattern, c.subject)
	got == c.want
}

test_granted_by_any_role if {
	subjects.granted({"A": ["a.>"], "B": ["b.>"]}, ["A", "B"], "b.c")
}

test_not_granted_by_another_role if {
	not subjects.granted({"A": ["a.>"]}, ["B"], "a.b")
}

test_not_granted_without_roles if {
	not subjects.granted({"A": ["a.>"]}, [], "a.b")
}

_is_match(pattern, subject) if subjects.matches(pattern, subject)

_is_match(pattern, subject) := false if not subjects.matches(pattern, subject)
