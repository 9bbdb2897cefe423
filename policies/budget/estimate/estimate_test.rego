package cortexos.rules.budget.estimate_test

import data.cortexos.rules.budget.cost_test
import data.cortexos.rules.budget.estimate as rule

denied := {"the estimate is no amount that a message may cost"}

estimates := {
	"nothing": {"estimate": {}, "want": set()},
	"at the most": {"estimate": {"tokens_in": 1500000, "tokens_out": 500000, "usd_micros": 500000000}, "want": set()},
	"a token more": {"estimate": {"tokens_in": 1500000, "tokens_out": 500001}, "want": denied},
	"more money": {"estimate": {"usd_micros": 500000001}, "want": denied},
	"negative": {"estimate": {"tokens_in": -1}, "want": denied},
	"negative money": {"estimate": {"usd_micros": -1}, "want": denied},
	"a text": {"estimate": {"tokens_out": "7"}, "want": denied},
}

test_estimates[name] if {
	some name, c in estimates
	got := rule.deny with input as cost_test.costing("job.code.go", c.estimate, {})
	got == c.want
}

missing := {
	"estimate": {"in": {"message": {"subject": "job.code.go"}}, "want": denied},
	"a part of it": {"in": {"message": {"subject": "job.code.go"}, "cost_estimate": {"tokens_in": 1}}, "want": denied},
	"another subject": {"in": {"message": {"subject": "svc.x"}}, "want": set()},
	"message": {"in": {}, "want": set()},
}

test_missing[name] if {
	some name, c in missing
	got := rule.deny with input as c["in"]
	got == c.want
}
