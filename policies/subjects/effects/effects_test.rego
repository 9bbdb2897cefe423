package cortexos.rules.subjects.effects_test

import data.cortexos.rules.subjects.effects as rule

denied := {"the message causes another publish or change that no role of the principal is granted"}

unknown := {"the message's effects are not known"}

cases := {
	"none": {"effects": [], "want": set()},
	"reply": {"effects": [{"kind": "reply", "subject": "_INBOX.a"}], "want": set()},
	"message id": {"effects": [{"kind": "message_id", "subject": "job.code.go"}], "want": set()},
	"another API": {"effects": [{"kind": "external_api", "subject": "job.code.>"}], "want": denied},
	"nobody knows": {"effects": [{"kind": "unknown", "subject": "_INBOX.a"}], "want": denied},
	"delivery to an inbox": {"effects": [{"kind": "consumer_delivery", "subject": "_INBOX.a"}], "want": set()},
	"delivery elsewhere": {"effects": [{"kind": "consumer_delivery", "subject": "job.code.go"}], "want": denied},
	"delete of an own key": {"effects": [{"kind": "rollup", "subject": "$KV.agent_notes.a"}], "want": set()},
	"rollup of a whole stream": {"effects": [{"kind": "rollup", "subject": ">"}], "want": denied},
	"schedule": {"effects": [{"kind": "schedule_target", "subject": "_INBOX.a"}], "want": denied},
	"trace": {"effects": [{"kind": "trace_destination", "subject": "_INBOX.a"}], "want": denied},
	"republish": {"effects": [{"kind": "stream_republish", "subject": "job.>"}], "want": denied},
	"purge": {"effects": [{"kind": "stream_purge", "subject": "KV_agent_notes"}], "want": denied},
	"one of two": {
		"effects": [{"kind": "reply", "subject": "_INBOX.a"}, {"kind": "stream_delete", "subject": "JOBS"}],
		"want": denied,
	},
	"kind missing": {"effects": [{"subject": "_INBOX.a"}], "want": denied},
	"subject missing": {"effects": [{"kind": "consumer_delivery"}], "want": denied},
	"effect is a text": {"effects": ["reply"], "want": denied},
	"effects are an object": {"effects": {}, "want": unknown},
	"effects are null": {"effects": null, "want": unknown},
}

test_agent[name] if {
	some name, c in cases
	got := rule.deny with input as {"principal": {"roles": ["AGENT"]}, "message": {"effects": c.effects}}
	got == c.want
}

test_effects_missing if {
	got := rule.deny with input as {"principal": {"roles": ["AGENT"]}, "message": {}}
	got == unknown
}

test_message_missing if {
	got := rule.deny with input as {"principal": {"roles": ["AGENT"]}}
	got == unknown
}

test_roles_missing if {
	effects := [{"kind": "consumer_delivery", "subject": "_INBOX.a"}]
	got := rule.deny with input as {"principal": {}, "message": {"effects": effects}}
	got == denied
}
