package cortexos.rules.agent_tools.splitting_test

import data.cortexos.rules.agent_tools.call_test
import data.cortexos.rules.agent_tools.splitting as rule

cases := {
	"one": {"prompt": "Delete the file.", "tool": "delete_file", "want": _limit("destroy", 1)},
	"many": {"prompt": "Delete the files.", "tool": "delete_file", "want": _limit("destroy", 10)},
	"payment": {"prompt": "Pay Jo.", "tool": "send_money", "want": _limit("pay", 2)},
	"unknown verb": {"prompt": "Frobnicate it.", "tool": "frobnicate", "want": _limit("unknown", 5)},
	"reading": {"prompt": "Look.", "tool": "get_file", "want": set()},
}

test_cases[name] if {
	some name, c in cases
	got := rule.throttle with input as call_test.asking(c.prompt, c.tool, {})
	got == c.want
}

test_lacking[name] if {
	some name, in_ in call_test.lacking("Pay Jo.", "send_money", {})
	got := rule.throttle with input as in_
	got == set()
}

test_every_act_has_limits if {
	limits := data.cortexos.rules.agent_tools.splitting.limits
	acts := {act | some tool in data.cortexos.rules.agent_tools.lexicon.tool_acts; act := tool}
	every act in (acts - {"read"}) | {"credential", "unknown"} {
		limits[act].one <= limits[act].many
	}
}

_limit(act, burst) := {{
	"reason": "the session has done this as often as the prompt asks for",
	"key": concat("/", ["agent_tools", "s-1", act]),
	"rate": 1,
	"burst": burst,
	"window_ms": 3600000,
}}
