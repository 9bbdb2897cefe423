package cortexos.rules.actions.cloud_test

import data.cortexos.rules.actions.cloud as rule

denied := {"deny": {"an agent neither destroys in the cloud nor changes who may do what there"}, "hold": set()}

held := {
	"deny": set(),
	"hold": {{
		"reason": "changing something in the cloud needs an approval",
		"approvers": "APPROVER",
		"quorum": 1,
		"expires_ms": 900000,
	}},
}

free := {"deny": set(), "hold": set()}

commands := {
	"aws ec2 describe-instances": free,
	"aws ec2 terminate-instances --instance-ids i-1": denied,
	"cd x && /usr/bin/aws s3 rb s3://b --force": denied,
	"aws iam create-user --user-name x": denied,
	"aws iam list-users": free,
	"aws ec2 run-instances": held,
	"terraform plan": free,
	"terraform apply": held,
	"terraform destroy": denied,
	"gcloud compute instances delete x": denied,
	"az vm start -n x": held,
	"delete aws": free,
	"echo terminate": free,
	"aws s3 ls --delete": free,
	"": free,
}

test_commands[command] if {
	some command, want in commands
	_answer({"action": {"tool": "run", "args": {"command": command}}}) == want
}

tools := {
	"aws_delete_bucket": denied,
	"terminateVm": denied,
	"create_instance": held,
	"describe_instance": free,
	"iam_add_user": denied,
	"delete_file": free,
}

test_tools[tool] if {
	some tool, want in tools
	_answer({"action": {"tool": tool, "args": {}}}) == want
}

missing := {
	"tool": {"action": {"args": {}}},
	"tool, a number": {"action": {"tool": 7, "args": {}}},
	"args": {"action": {"tool": "run"}},
	"args, a text": {"action": {"tool": "run", "args": "aws ec2 terminate-instances"}},
	"command, a number": {"action": {"tool": "run", "args": {"command": 7}}},
	"action": {},
}

test_missing[name] if {
	some name, in_ in missing
	_answer(in_) == free
}

_answer(in_) := {"deny": denials, "hold": holds} if {
	denials := rule.deny with input as in_
	holds := rule.require_human with input as in_
}
