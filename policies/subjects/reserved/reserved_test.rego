package cortexos.rules.subjects.reserved_test

import data.cortexos.rules.subjects.reserved as rule

denied := {"the subject is reserved, and no role of the principal is granted it"}

cases := {
	"system account": {"subject": "$SYS.REQ.SERVER.PING", "want": denied},
	"stream delete": {"subject": "$JS.API.STREAM.DELETE.JOBS", "want": denied},
	"stream purge of an own bucket": {"subject": "$JS.API.STREAM.PURGE.KV_agent_notes", "want": denied},
	"stream create": {"subject": "$JS.API.STREAM.CREATE.X", "want": denied},
	"api of another domain": {"subject": "$JS.hub.API.STREAM.INFO.JOBS", "want": denied},
	"ack of another consumer": {"subject": "$JS.ACK.JOBS.pool.1.1.1.1.0", "want": denied},
	"bucket of another": {"subject": "$KV.agent_config.limits.agent", "want": denied},
	"bucket that begins alike": {"subject": "$KV.agent_notes2.a", "want": denied},
	"object store of another": {"subject": "$O.backups.M.eA", "want": denied},
	"mqtt": {"subject": "$MQTT.sess", "want": denied},
	"raft": {"subject": "$NRG.V.x", "want": denied},
	"gateway reply": {"subject": "_GR_.x.y", "want": denied},
	"service latency reply": {"subject": "_R_.x", "want": denied},
	"inbox of somebody": {"subject": "_INBOX.x.y", "want": denied},
	"audit": {"subject": "sys.audit.event", "want": denied},
	"policy": {"subject": "sys.policy.check", "want": denied},
	"heartbeat of a worker": {"subject": "sys.registry.heartbeat", "want": denied},
	"own bucket": {"subject": "$KV.agent_notes.tasks.today", "want": set()},
	"own bucket watched": {"subject": "$JS.API.CONSUMER.CREATE.KV_agent_notes.x.$KV.agent_notes.>", "want": set()},
	"own bucket read": {"subject": "$JS.API.DIRECT.GET.KV_agent_notes.$KV.agent_notes.a", "want": set()},
	"own object store": {"subject": "$O.agent_files.M.eA", "want": set()},
	"stream info": {"subject": "$JS.API.STREAM.INFO.KV_agent_config", "want": set()},
	"service discovery": {"subject": "$SRV.INFO.catalog", "want": set()},
	"job submit": {"subject": "sys.job.submit", "want": set()},
	"ordinary": {"subject": "job.code.python", "want": set()},
	"ordinary that begins alike": {"subject": "system.audit.event", "want": set()},
	"subject is a number": {"subject": 7, "want": denied},
	"subject is null": {"subject": null, "want": denied},
}

test_agent[name] if {
	some name, c in cases
	got := rule.deny with input as {"principal": {"roles": ["AGENT"]}, "message": {"subject": c.subject}}
	got == c.want
}

test_worker_answers_and_acknowledges if {
	every subject in ["sys.job.result", "_INBOX.a.b", "$JS.ACK.JOBS.pool.1.2.3.4.0", "$JS.API.CONSUMER.MSG.NEXT.JOBS.pool"] {
		got := rule.deny with input as {"principal": {"roles": ["WORKER"]}, "message": {"subject": subject}}
		got == set()
	}
}

missing := {
	"subject": {"principal": {"roles": ["AGENT"]}, "message": {}},
	"message": {"principal": {"roles": ["AGENT"]}},
	"roles": {"principal": {}, "message": {"subject": "$KV.agent_notes.a"}},
	"principal": {"message": {"subject": "$KV.agent_notes.a"}},
	"roles in a text": {"principal": {"roles": "AGENT"}, "message": {"subject": "$KV.agent_notes.a"}},
}

test_missing[name] if {
	some name, in_ in missing
	got := rule.deny with input as in_
	got == denied
}
