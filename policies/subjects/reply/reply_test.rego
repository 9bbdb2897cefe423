package cortexos.rules.subjects.reply_test

import data.cortexos.rules.subjects.reply as rule

denied := {"the reply subject is no inbox of the principal"}

cases := {
	"inbox": {"reply": "_INBOX.abc.1", "want": set()},
	"none": {"reply": "", "want": set()},
	"another subject": {"reply": "work.secret", "want": denied},
	"JetStream's API": {"reply": "$JS.API.STREAM.PURGE.AUD", "want": denied},
	"prefix without its dot": {"reply": "_INBOX", "want": denied},
	"prefix that begins alike": {"reply": "_INBOX2.abc", "want": denied},
	"prefix later": {"reply": "work._INBOX.abc", "want": denied},
	"prefix in another case": {"reply": "_inbox.abc", "want": denied},
	"reply is null": {"reply": null, "want": denied},
	"reply is a number": {"reply": 7, "want": denied},
}

test_cases[name] if {
	some name, c in cases
	got := rule.deny with input as {"principal": {"id": "a", "roles": ["AGENT"]}, "message": {"reply": c.reply}}
	got == c.want
}

test_inbox_of_one_principal if {
	want := {"a": {"_INBOX_a.x": set(), "_INBOX.x": denied}, "b": {"_INBOX_a.x": denied, "_INBOX.x": set()}}
	every id, replies in want {
		every reply, found in replies {
			got := rule.deny with input as {"principal": {"id": id, "roles": []}, "message": {"reply": reply}}
				with data.cortexos.rules.subjects.reply.inbox_prefixes_of as {"a": ["_INBOX_a."]}
			got == found
		}
	}
}

test_granted_reply if {
	got := rule.deny with input as {"principal": {"id": "a", "roles": ["ROUTER"]}, "message": {"reply": "route.back.1"}}
		with data.cortexos.rules.subjects.reply.grants as {"ROUTER": ["route.back.*"]}
	got == set()
}

missing := {
	"reply": {"principal": {"id": "a", "roles": ["AGENT"]}, "message": {}},
	"message": {"principal": {"id": "a", "roles": ["AGENT"]}},
	"id": {"principal": {"roles": ["AGENT"]}, "message": {"reply": "_INBOX.a"}},
	"roles": {"principal": {"id": "a"}, "message": {"reply": "route.back.1"}},
	"principal": {"message": {"reply": "_INBOX.a"}},
}

test_missing[name] if {
	some name, in_ in missing
	got := rule.deny with input as in_
	got == denied
}
