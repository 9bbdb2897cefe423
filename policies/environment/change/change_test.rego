package cortexos.rules.environment.change_test

import data.cortexos.rules.environment.change

# A change in an environment at a time; for the tests of this pack.
in_environment(environment, now_ns) := {
	"principal": {"roles": ["AGENT"]},
	"job_meta": {"environment": environment},
	"message": {"subject": "job.k8s.deploy", "headers": {}},
	"now_ns": now_ns,
}

# The same by somebody with this role who gives these reasons.
breaking_glass(in_, role, reasons) := object.union(in_, {
	"principal": {"roles": [role]},
	"message": {"headers": {"cortexos-break-glass": reasons}},
})

happening := {
	"job": {"message": {"subject": "job.k8s.deploy"}},
	"tool": {"message": {"subject": "agent.x.tool.delete_pod"}, "action": {"tool": "delete_pod"}},
	"reading tool on another subject": {"message": {"subject": "job.k8s.deploy"}, "action": {"tool": "get_pod"}},
	"tool without a call": {"message": {"subject": "agent.x.tool.get_pod"}},
	"tool is a number": {"message": {"subject": "agent.x.tool.get_pod"}, "action": {"tool": 7}},
}

test_happens[name] if {
	some name, in_ in happening
	change.happens with input as in_
}

not_happening := {
	"another subject": {"message": {"subject": "job.code.go"}},
	"reading tool": {"message": {"subject": "agent.x.tool.get_pod"}, "action": {"tool": "get_pod"}},
	"subject is a number": {"message": {"subject": 7}},
	"subject missing": {"message": {}},
	"message missing": {},
}

test_happens_not[name] if {
	some name, in_ in not_happening
	not change.happens with input as in_
}

breaking := {
	"with role and reason": {"role": "SRE_LEAD", "reasons": ["payments are down since 10:02"], "want": true},
	"another role": {"role": "AGENT", "reasons": ["payments are down since 10:02"], "want": false},
	"exactly enough": {"role": "SRE_LEAD", "reasons": [" it's burning "], "want": true},
	"one less": {"role": "SRE_LEAD", "reasons": [" its burning "], "want": false},
	"a short reason": {"role": "SRE_LEAD", "reasons": ["down"], "want": false},
	"blanks": {"role": "SRE_LEAD", "reasons": ["                    "], "want": false},
	"two reasons": {"role": "SRE_LEAD", "reasons": ["payments are down since 10:02", "payments are down since 10:02"], "want": false},
	"no reason": {"role": "SRE_LEAD", "reasons": [], "want": false},
	"reason is a number": {"role": "SRE_LEAD", "reasons": [7], "want": false},
}

test_breaks_glass[name] if {
	some name, c in breaking
	_breaks(breaking_glass(in_environment("prod", "0"), c.role, c.reasons)) == c.want
}

_breaks(in_) if change.breaks_glass with input as in_

_breaks(in_) := false if not change.breaks_glass with input as in_

test_now if {
	got := change.now_ns with input as {"now_ns": "1700000000000000000"}
	got == 1700000000000000000
}
