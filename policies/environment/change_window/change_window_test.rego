package cortexos.rules.environment.change_window_test

import data.cortexos.rules.environment.change_test
import data.cortexos.rules.environment.change_window as rule

denied := {"no change window is open"}

times := {
	"2026-03-11T10:00:00Z": set(),
	"2026-03-11T07:59:59Z": denied,
	"2026-03-11T08:00:00Z": set(),
	"2026-03-11T15:59:59Z": set(),
	"2026-03-11T16:00:00Z": denied,
	"2026-03-13T11:59:59Z": set(),
	"2026-03-13T12:00:00Z": denied,
	"2026-03-14T10:00:00Z": denied,
}

test_times[at] if {
	some at, want in times
	got := rule.deny with input as change_test.in_environment("prod", json.marshal(time.parse_rfc3339_ns(at)))
	got == want
}

saturday := "1773482400000000000"

test_another_environment if {
	got := rule.deny with input as change_test.in_environment("dev", saturday)
	got == set()
}

test_another_time_zone if {
	got := rule.deny with input as change_test.in_environment("prod", json.marshal(time.parse_rfc3339_ns("2026-03-11T07:30:00Z")))
		with data.cortexos.rules.environment.change_window.time_zone as "Europe/Zurich"
	got == set()
}

test_no_change if {
	in_ := object.union(change_test.in_environment("prod", saturday), {"message": {"subject": "job.code.go"}})
	got := rule.deny with input as in_
	got == set()
}

test_break_glass if {
	asking := change_test.breaking_glass(change_test.in_environment("prod", saturday), "SRE_LEAD", ["payments are down"])
	got := rule.deny with input as asking
	got == set()
}

missing := {
	"time": {"in": {"job_meta": {"environment": "prod"}, "message": {"subject": "job.k8s.x"}}, "want": denied},
	"time, no number": {
		"in": {"job_meta": {"environment": "prod"}, "message": {"subject": "job.k8s.x"}, "now_ns": "x"},
		"want": denied,
	},
	"environment": {"in": {"job_meta": {}, "message": {"subject": "job.k8s.x"}, "now_ns": saturday}, "want": set()},
	"job_meta": {"in": {"message": {"subject": "job.k8s.x"}, "now_ns": saturday}, "want": set()},
	"message": {"in": {"job_meta": {"environment": "prod"}, "now_ns": saturday}, "want": set()},
}

test_missing[name] if {
	some name, c in missing
	got := rule.deny with input as c["in"]
	got == c.want
}
