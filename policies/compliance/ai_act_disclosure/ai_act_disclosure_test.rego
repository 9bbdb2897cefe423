package cortexos.rules.compliance.ai_act_disclosure_test

import data.cortexos.rules.compliance.ai_act_disclosure as rule

denied := {"what a machine writes to people says so (EU AI Act Art. 50)"}

writing(kind, subject, headers) := {"principal": {"kind": kind}, "message": {"subject": subject, "headers": headers}}

test_nothing if {
	got := rule.deny with input as {}
	got == set()
}

messages := {
	"disclosed": {"in": writing("agent", "chat.customer.a", {"ai-generated": ["true"]}), "want": set()},
	"not disclosed": {"in": writing("agent", "chat.customer.a", {}), "want": denied},
	"denied by its own header": {"in": writing("agent", "chat.customer.a", {"ai-generated": ["false"]}), "want": denied},
	"said twice": {"in": writing("agent", "chat.customer.a", {"ai-generated": ["true", "false"]}), "want": denied},
	"by a human": {"in": writing("human", "chat.customer.a", {}), "want": set()},
	"to nobody": {"in": writing("agent", "job.llm.ask", {}), "want": set()},
	"no headers": {"in": {"principal": {"kind": "agent"}, "message": {"subject": "chat.customer.a"}}, "want": denied},
}

test_messages[name] if {
	some name, c in messages
	got := rule.deny with input as c["in"]
	got == c.want
}
