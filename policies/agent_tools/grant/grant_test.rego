package cortexos.rules.agent_tools.grant_test

import data.cortexos.rules.agent_tools.call_test
import data.cortexos.rules.agent_tools.grant as rule

allowed := {"the session has a prompt, and the subject names the tool"}

subjects := {
	"agent.bank.tool.get_balance": allowed,
	"agent.bank.tool.send_money": set(),
	"agent.bank.tool.get_balance.x": set(),
	"agent.tool.get_balance": set(),
	"job.code.get_balance": set(),
	"": set(),
}

test_subjects[subject] if {
	some subject, want in subjects
	got := rule.allow with input as _on(subject, call_test.asking("How much?", "get_balance", {}))
	got == want
}

test_lacking[name] if {
	some name, in_ in call_test.lacking("How much?", "get_balance", {})
	got := rule.allow with input as _on("agent.bank.tool.get_balance", in_)
	got == set()
}

test_message_missing if {
	got := rule.allow with input as call_test.asking("How much?", "get_balance", {})
	got == set()
}

test_subject_is_a_number if {
	got := rule.allow with input as object.union(
		call_test.asking("How much?", "get_balance", {}),
		{"message": {"subject": 7, "tokens": []}},
	)
	got == set()
}

_on(subject, in_) := object.union(in_, {"message": {"subject": subject, "tokens": split(subject, ".")}})
