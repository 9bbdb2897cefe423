package cortexos.rules.demo.protected_tools_test

import data.cortexos.rules.demo.protected_tools as rule

cases := {
	"credentials": {"action": {"tool": "update_password"}, "want": {"an agent doesn't change credentials"}},
	"destruction": {"action": {"tool": "delete_file"}, "want": {"an agent doesn't delete what can't be brought back"}},
	"in another case": {"action": {"tool": "Delete_File"}, "want": {"an agent doesn't delete what can't be brought back"}},
	"begins alike": {"action": {"tool": "delete_files"}, "want": set()},
	"harmless": {"action": {"tool": "get_file_by_id"}, "want": set()},
	"tool is a number": {"action": {"tool": 7}, "want": set()},
	"tool missing": {"action": {}, "want": set()},
}

test_cases[name] if {
	some name, c in cases
	got := rule.deny with input as {"action": c.action}
	got == c.want
}

test_action_missing if {
	got := rule.deny with input as {}
	got == set()
}
