package cortexos.rules.data_security.residency_test

import data.cortexos.rules.data_security.residency as rule

denied := {"the tenant's data must stay in eu"}

cases := {
	"at home": {"tenant": "acme", "subject": "store.eu.put", "want": set()},
	"abroad": {"tenant": "acme", "subject": "store.us.put", "want": denied},
	"in a region that nobody knows": {"tenant": "acme", "subject": "store.moon.put", "want": denied},
	"a subject of no region": {"tenant": "acme", "subject": "job.code.go", "want": set()},
	"a tenant without region": {"tenant": "globex", "subject": "store.us.put", "want": set()},
	"a tenant whose region has no subjects": {
		"tenant": "initech",
		"subject": "store.eu.put",
		"want": {"the tenant's data must stay in ch"},
	},
	"tenant is a number": {"tenant": 7, "subject": "store.us.put", "want": set()},
	"subject is a number": {"tenant": "acme", "subject": 7, "want": set()},
}

test_cases[name] if {
	some name, c in cases
	got := rule.deny with input as {"principal": {"tenant": c.tenant}, "message": {"subject": c.subject}}
		with data.cortexos.rules.data_security.residency.tenants as {"acme": "eu", "initech": "ch"}
		with data.cortexos.rules.data_security.residency.regions as {"eu": ["store.eu.>"]}
		with data.cortexos.rules.data_security.residency.regional_subjects as ["store.>"]
	got == c.want
}

missing := {
	"tenant": {"principal": {}, "message": {"subject": "store.us.put"}},
	"principal": {"message": {"subject": "store.us.put"}},
	"subject": {"principal": {"tenant": "acme"}, "message": {}},
	"message": {"principal": {"tenant": "acme"}},
}

test_missing[name] if {
	some name, in_ in missing
	got := rule.deny with input as in_
	got == set()
}
