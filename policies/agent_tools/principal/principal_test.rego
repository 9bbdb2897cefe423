package cortexos.rules.agent_tools.principal_test

import data.cortexos.rules.agent_tools.call_test
import data.cortexos.rules.agent_tools.principal

test_holds if {
	principal.holds({"keys": {"x"}, "value": "a@b.example"})
	principal.holds({"keys": {"x"}, "value": "DE02120300000000202051"})
	principal.holds({"keys": {"recipient"}, "value": "Jo"})
}

test_holds_not if {
	not principal.holds({"keys": {"x"}, "value": "Jo"})
	not principal.holds({"keys": {"file", "id"}, "value": "ab12cdef0123456789"})
	not principal.holds({"keys": {"user", "id"}, "value": "12"})
	not principal.holds({"keys": {"to"}, "value": "2026-03-01"})
}

cases := {
	"written": {"prompt": "Mail jo@b.example", "value": "Jo@B.example", "want": true},
	"said": {"prompt": "Pay Le Marais", "value": "le marais", "want": true},
	"nobody": {"prompt": "Mail somebody", "value": "jo@b.example", "want": false},
	"by first name": {"prompt": "Mail Dana", "value": "dana.moss@b.example", "want": true},
	"by both names": {"prompt": "Mail Dana Moss", "value": "dana.moss@b.example", "want": true},
	"by surname": {"prompt": "Mail Mr. Moss", "value": "moss@b.example", "want": true},
	"another surname": {"prompt": "Mail Dana Moss", "value": "dana.black@b.example", "want": false},
	"with digits": {"prompt": "Mail Dana", "value": "dana.moss-77@b.example", "want": false},
	"with a third part": {"prompt": "Mail Dana", "value": "dana.m.moss@b.example", "want": false},
	"name in lower case": {"prompt": "Mail dana", "value": "dana@b.example", "want": false},
	"word without a name": {"prompt": "Mail Support or Send", "value": "send@b.example", "want": false},
	"written with another host": {"prompt": "Mail Dana (dana@b.example)", "value": "dana@c.example", "want": false},
	"written with another name": {"prompt": "Mail Dana (danamoss@b.example)", "value": "dana.moss@c.example", "want": false},
	"in other letters": {"prompt": "Mail Dana Moss", "value": "dаna.moss@b.example", "want": false},
	"two at signs": {"prompt": "Mail Dana", "value": "dana@b@c", "want": false},
	"number": {"prompt": "Mail Dana", "value": 7, "want": false},
}

test_named[name] if {
	some name, c in cases
	_is_named(c.prompt, "send_email", c.value) == c.want
}

test_named_by_an_act_that_needs_the_address if {
	_is_named("Pay Dana", "pay_user", "dana@b.example") == false
}

_is_named(prompt, tool, value) if principal.named(value) with input as call_test.asking(prompt, tool, {})

_is_named(prompt, tool, value) := false if {
	not principal.named(value) with input as call_test.asking(prompt, tool, {})
}

test_directory if {
	session := {"prompt": "Mail Dana", "declared": {"directory": ["dana@b.example"]}}
	in_ := {"context": {"session": session}, "action": {"tool": "send_email", "args": {}}}
	principal.named("dana@b.example") with input as in_
	not principal.named("dana@c.example") with input as in_
}
