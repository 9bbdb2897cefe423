package cortexos.rules.agent_tools.sensitive_path_test

import data.cortexos.rules.agent_tools.call_test
import data.cortexos.rules.agent_tools.sensitive_path as rule

held := {{"reason": "the path leads to keys, credentials or the system, and the prompt doesn't name it", "approvers": "APPROVER", "quorum": 1, "expires_ms": 900000}}

cases := {
	"/etc/passwd": {"prompt": "Read it.", "tool": "read_file", "args": {"path": "/etc/passwd"}, "want": held},
	"../../x": {"prompt": "Read it.", "tool": "read_file", "args": {"path": "../../x"}, "want": held},
	"a/%2e%2e/x": {"prompt": "Read it.", "tool": "read_file", "args": {"path": "a/%2e%2e/x"}, "want": held},
	"/root/.ssh/id_rsa": {"prompt": "Read it.", "tool": "read_file", "args": {"path": "/root/.ssh/id_rsa"}, "want": held},
	"~/.aws/config": {"prompt": "Read it.", "tool": "read_file", "args": {"path": "~/.aws/config"}, "want": held},
	".env": {"prompt": "Read it.", "tool": "read_file", "args": {"path": ".env"}, "want": held},
	"deploy/credentials.json": {"prompt": "Read it.", "tool": "read_file", "args": {"path": "deploy/credentials.json"}, "want": held},
	"key.pem": {"prompt": "Read it.", "tool": "read_file", "args": {"path": "key.pem"}, "want": held},
	"C:\\Windows\\win.ini": {"prompt": "Read it.", "tool": "read_file", "args": {"path": "C:\\Windows\\win.ini"}, "want": held},
	"ordinary": {"prompt": "Read it.", "tool": "read_file", "args": {"path": "notes/a.md"}, "want": set()},
	"begins alike": {"prompt": "Read it.", "tool": "read_file", "args": {"path": "/etcetera"}, "want": set()},
	"dots in a name": {"prompt": "Read it.", "tool": "read_file", "args": {"path": "a..b/c"}, "want": set()},
	"written by the user": {"prompt": "Read ../../x", "tool": "read_file", "args": {"path": "../../x"}, "want": set()},
	"in a command": {"prompt": "Run it.", "tool": "run_shell", "args": {"command": "cat ~/.ssh/config"}, "want": held},
	"no path": {"prompt": "Read it.", "tool": "read_file", "args": {}, "want": set()},
	"path is a number": {"prompt": "Read it.", "tool": "read_file", "args": {"path": 7}, "want": set()},
}

test_cases[name] if {
	some name, c in cases
	got := rule.require_human with input as call_test.asking(c.prompt, c.tool, c.args)
	got == c.want
}

test_lacking[name] if {
	some name, in_ in call_test.lacking("Read it.", "read_file", {"path": "/etc/passwd"})
	got := rule.require_human with input as in_
	got == set()
}
