package cortexos.rules.rbac.grant_test

import data.cortexos.rules.rbac.grant as rule

allowed := {"a role of the principal is granted this"}

cases := {
	"job": {"roles": ["AGENT"], "subject": "job.code.python", "want": allowed},
	"job of an unknown area": {"roles": ["AGENT"], "subject": "job.gpu.burn", "want": set()},
	"service": {"roles": ["AGENT"], "subject": "svc.catalog.lookup", "want": allowed},
	"service that isn't granted": {"roles": ["AGENT"], "subject": "svc.catalog.reprice", "want": set()},
	"another role": {"roles": ["WORKER"], "subject": "job.code.python", "want": set()},
	"one of two roles": {"roles": ["WORKER", "AGENT"], "subject": "job.code.python", "want": allowed},
	"unknown role": {"roles": ["agent"], "subject": "job.code.python", "want": set()},
	"no role": {"roles": [], "subject": "job.code.python", "want": set()},
	"roles are a text": {"roles": "AGENT", "subject": "job.code.python", "want": set()},
	"subject is a number": {"roles": ["AGENT"], "subject": 7, "want": set()},
}

test_subjects[name] if {
	some name, c in cases
	got := rule.allow with input as {"principal": {"roles": c.roles}, "message": _message(c.subject)}
	got == c.want
}

tool_cases := {
	"granted": {"subject": "agent.bank.tool.send_money", "action": {"tool": "send_money"}, "want": allowed},
	"granted by prefix": {"subject": "agent.bank.tool.get_balance", "action": {"tool": "get_balance"}, "want": allowed},
	"not granted": {"subject": "agent.files.tool.delete_file", "action": {"tool": "delete_file"}, "want": set()},
	"another tool than the subject's": {
		"subject": "agent.bank.tool.get_balance",
		"action": {"tool": "send_money"},
		"want": set(),
	},
	"prefix without more": {"subject": "agent.bank.tool.get", "action": {"tool": "get"}, "want": set()},
	"on an ordinary subject": {"subject": "job.code.go", "action": {"tool": "get_balance"}, "want": allowed},
	"not granted on an ordinary subject": {"subject": "job.code.go", "action": {"tool": "delete_file"}, "want": set()},
	"tool is a number": {"subject": "agent.bank.tool.send_money", "action": {"tool": 7}, "want": set()},
	"tool missing": {"subject": "agent.bank.tool.send_money", "action": {}, "want": set()},
}

test_tools[name] if {
	some name, c in tool_cases
	in_ := {"principal": {"roles": ["AGENT"]}, "message": _message(c.subject), "action": c.action}
	got := rule.allow with input as in_
	got == c.want
}

test_tool_subject_without_a_call if {
	got := rule.allow with input as {"principal": {"roles": ["AGENT"]}, "message": _message("agent.bank.tool.send_money")}
	got == set()
}

missing := {
	"roles": {"principal": {}, "message": _message("job.code.go")},
	"principal": {"message": _message("job.code.go")},
	"subject": {"principal": {"roles": ["AGENT"]}, "message": {}},
	"message": {"principal": {"roles": ["AGENT"]}},
	"tokens": {
		"principal": {"roles": ["AGENT"]},
		"message": {"subject": "agent.bank.tool.send_money"},
		"action": {"tool": "send_money"},
	},
}

test_missing[name] if {
	some name, in_ in missing
	got := rule.allow with input as in_
	got == set()
}

_message(subject) := {"subject": subject, "tokens": split(subject, ".")} if is_string(subject)

_message(subject) := {"subject": subject, "tokens": []} if not is_string(subject)
