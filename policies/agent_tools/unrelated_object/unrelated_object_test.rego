package cortexos.rules.agent_tools.unrelated_object_test

import data.cortexos.rules.agent_tools.call_test
import data.cortexos.rules.agent_tools.unrelated_object as rule

held := {{"reason": "the prompt isn't about what this tool works on", "approvers": "APPROVER", "quorum": 1, "expires_ms": 900000}}

cases := {
	"related": {"prompt": "Delete the file.", "tool": "delete_file", "args": {}, "want": set()},
	"unrelated": {"prompt": "Delete the mail.", "tool": "delete_file", "args": {}, "want": held},
	"no object": {"prompt": "Delete the mail.", "tool": "delete", "args": {}, "want": set()},
	"soft act": {"prompt": "Create a note.", "tool": "create_invoice", "args": {}, "want": set()},
	"reading": {"prompt": "Delete the mail.", "tool": "get_file", "args": {}, "want": set()},
	"profile": {"prompt": "Change the date of the party.", "tool": "update_profile", "args": {}, "want": held},
	"profile and more": {"prompt": "Change the date of the party.", "tool": "update_profile_channel", "args": {}, "want": set()},
	"profile spoken of": {"prompt": "Change my street.", "tool": "update_profile", "args": {}, "want": set()},
	"execution by its verb": {"prompt": "Deploy the api.", "tool": "deploy_service", "args": {}, "want": set()},
	"execution by another verb": {"prompt": "Restart the api.", "tool": "deploy_service", "args": {}, "want": held},
	"deletion by its verb": {"prompt": "Delete the mail.", "tool": "delete_service", "args": {}, "want": held},
	"credential": {"prompt": "Change my name.", "tool": "update_password", "args": {}, "want": held},
	"credential spoken of": {"prompt": "Change my password.", "tool": "update_password", "args": {}, "want": set()},
}

test_cases[name] if {
	some name, c in cases
	got := rule.require_human with input as call_test.asking(c.prompt, c.tool, c.args)
	got == c.want
}

test_lacking[name] if {
	some name, in_ in call_test.lacking("Delete the mail.", "delete_file", {})
	got := rule.require_human with input as in_
	got == set()
}
