package cortexos.rules.demo.tool_burst_test

import data.cortexos.rules.demo.tool_burst as rule

limited(key) := {{
	"reason": "the tool is called too often",
	"key": key,
	"rate": 5,
	"burst": 5,
	"window_ms": 60000,
}}

cases := {
	"limited": {"tool": "search_hotels", "principal": {"id": "a"}, "want": limited("tool:search_hotels:a")},
	"a bucket for each principal": {"tool": "search_hotels", "principal": {"id": "b"}, "want": limited("tool:search_hotels:b")},
	"a bucket for each tool": {"tool": "search_flights", "principal": {"id": "a"}, "want": limited("tool:search_flights:a")},
	"begins alike": {"tool": "search_hotels2", "principal": {"id": "a"}, "want": set()},
	"another tool": {"tool": "get_balance", "principal": {"id": "a"}, "want": set()},
	"tool is a number": {"tool": 7, "principal": {"id": "a"}, "want": set()},
	"id missing": {"tool": "search_hotels", "principal": {}, "want": limited("tool:search_hotels:")},
	"id is a number": {"tool": "search_hotels", "principal": {"id": 7}, "want": limited("tool:search_hotels:")},
}

test_cases[name] if {
	some name, c in cases
	got := rule.throttle with input as {"principal": c.principal, "action": {"tool": c.tool}}
	got == c.want
}

test_action_missing if {
	got := rule.throttle with input as {"principal": {"id": "a"}}
	got == set()
}
