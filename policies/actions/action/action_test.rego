package cortexos.rules.actions.action_test

import data.cortexos.rules.actions.action

test_words if {
	action.words_of("deletePod_v2") == ["delete", "pod", "v2"]
	got := action.tool_words with input as {"action": {"tool": "delete-pod"}}
	got == {"delete", "pod"}
}

test_commands if {
	args := {"command": "ls", "steps": [{"cmd": "pwd"}, {"argv": ["a", "b"]}, {"argv": ["a", 7]}, {"note": "rm"}, {"cmd": 7}], "args": "x"}
	got := action.commands with input as {"action": {"args": args}}
	got == {"ls", "pwd", "a b"}
}

test_queries if {
	args := {"sql": "SELECT 1", "command": "psql -c 'DROP TABLE t'", "cmd": "ls", "query": 7, "note": "DROP"}
	got := action.queries with input as {"action": {"args": args}}
	got == {"SELECT 1", "psql -c 'DROP TABLE t'"}
}

test_nothing if {
	got := action.commands with input as {}
	got == set()
	queries := action.queries with input as {}
	queries == set()
}

test_held if action.held("why") == {"reason": "why", "approvers": "APPROVER", "quorum": 1, "expires_ms": 900000}
