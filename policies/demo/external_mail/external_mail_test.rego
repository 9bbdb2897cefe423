package cortexos.rules.demo.external_mail_test

import data.cortexos.rules.demo.external_mail as rule

denied := {"an address is missing or outside the organisation"}

cases := {
	"colleague": {"args": {"recipients": ["dana@acme.example"]}, "want": set()},
	"colleague as a text": {"args": {"recipients": "dana@acme.example"}, "want": set()},
	"colleague in capitals": {"args": {"recipients": ["Dana@ACME.example"]}, "want": set()},
	"stranger": {"args": {"recipients": ["drop@collector.example"]}, "want": denied},
	"colleague and stranger": {"args": {"recipients": ["dana@acme.example", "x@collector.example"]}, "want": denied},
	"stranger in bcc": {"args": {"recipients": ["dana@acme.example"], "bcc": ["x@collector.example"]}, "want": denied},
	"domain that ends alike": {"args": {"recipients": ["x@notacme.example"]}, "want": denied},
	"subdomain": {"args": {"recipients": ["x@mail.acme.example"]}, "want": denied},
	"two at signs": {"args": {"recipients": ["x@collector.example@acme.example"]}, "want": denied},
	"nobody before the at sign": {"args": {"recipients": ["@acme.example"]}, "want": denied},
	"list in a text": {"args": {"recipients": "dana@acme.example,x@collector.example"}, "want": denied},
	"no recipients": {"args": {"recipients": []}, "want": denied},
	"recipients missing": {"args": {}, "want": denied},
	"recipients are a number": {"args": {"recipients": 7}, "want": denied},
	"recipients are an object": {"args": {"recipients": {"a": "dana@acme.example"}}, "want": denied},
	"a recipient is a number": {"args": {"recipients": ["dana@acme.example", 7]}, "want": denied},
	"cc is a number": {"args": {"recipients": ["dana@acme.example"], "cc": 7}, "want": denied},
}

test_mail[name] if {
	some name, c in cases
	got := rule.deny with input as {"action": {"tool": "send_email", "args": c.args}}
	got == c.want
}

test_invitation_of_a_stranger if {
	got := rule.deny with input as {"action": {"tool": "invite_user_to_slack", "args": {"user_email": "f@collector.example"}}}
	got == denied
}

test_args_missing if {
	got := rule.deny with input as {"action": {"tool": "send_email"}}
	got == denied
}

test_other_tool if {
	got := rule.deny with input as {"action": {"tool": "get_balance", "args": {"recipients": ["x@collector.example"]}}}
	got == set()
}

test_tool_is_a_number if {
	got := rule.deny with input as {"action": {"tool": 7, "args": {}}}
	got == set()
}

test_action_missing if {
	got := rule.deny with input as {}
	got == set()
}
