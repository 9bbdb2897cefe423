package cortexos.rules.data_security.egress_test

import data.cortexos.rules.data_security.egress as rule

denied := {"data with this label may not go here: hr"}

cases := {
	"no label": {"labels": [], "subject": "web.post", "want": set()},
	"where it may go": {"labels": ["hr"], "subject": "hr.report", "want": set()},
	"elsewhere": {"labels": ["hr"], "subject": "web.post", "want": denied},
	"one of two labels": {"labels": ["hr", "open"], "subject": "web.post", "want": denied},
	"open to all": {"labels": ["open"], "subject": "web.post", "want": set()},
	"unknown label": {"labels": ["x"], "subject": "web.post", "want": {"data with this label may not go here: x"}},
	"unknown label, where all may": {"labels": ["x"], "subject": "log.line", "want": set()},
	"subject is a number": {"labels": ["hr"], "subject": 7, "want": denied},
}

test_cases[name] if {
	some name, c in cases
	got := rule.deny with input as {"context": {"labels": c.labels}, "message": {"subject": c.subject, "effects": []}}
		with data.cortexos.rules.data_security.egress.sinks as {"hr": ["hr.>"], "open": [">"]}
		with data.cortexos.rules.data_security.egress.unknown as ["log.>"]
	got == c.want
}

effects := {
	"moved elsewhere": {"kind": "schedule_target", "subject": "web.post", "want": denied},
	"moved to such a place": {"kind": "schedule_target", "subject": "hr.later", "want": set()},
	"answered": {"kind": "reply", "subject": "_INBOX.x", "want": set()},
}

test_effects[name] if {
	some name, c in effects
	message := {"subject": "hr.report", "effects": [{"kind": c.kind, "subject": c.subject}]}
	got := rule.deny with input as {"context": {"labels": ["hr"]}, "message": message}
		with data.cortexos.rules.data_security.egress.sinks as {"hr": ["hr.>"]}
	got == c.want
}

missing := {
	"subject": {"in": {"context": {"labels": ["hr"]}, "message": {}}, "want": denied},
	"message": {"in": {"context": {"labels": ["hr"]}}, "want": denied},
	"effects": {"in": {"context": {"labels": ["hr"]}, "message": {"subject": "hr.x"}}, "want": set()},
	"labels": {"in": {"context": {}, "message": {"subject": "web.post"}}, "want": set()},
	"labels, a text": {"in": {"context": {"labels": "hr"}, "message": {"subject": "web.post"}}, "want": set()},
	"context": {"in": {"message": {"subject": "web.post"}}, "want": set()},
}

test_missing[name] if {
	some name, c in missing
	got := rule.deny with input as c["in"]
		with data.cortexos.rules.data_security.egress.sinks as {"hr": ["hr.>"]}
	got == c.want
}
