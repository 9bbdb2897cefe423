package cortexos.rules.agent_tools.topic_test

import data.cortexos.rules.agent_tools.call_test
import data.cortexos.rules.agent_tools.topic

cases := {
	"same topic": {"prompt": "Clean my inbox", "tool": "delete_email", "want": true},
	"same noun": {"prompt": "Water the ficus", "tool": "water_ficus", "want": true},
	"implied": {"prompt": "Cancel lunch", "tool": "cancel_event", "want": true},
	"named file": {"prompt": "Drop old.zip", "tool": "delete_file", "want": true},
	"named page": {"prompt": "Use www.a.example", "tool": "post_webpage", "want": true},
	"host is no file": {"prompt": "Mail a@b.zip", "tool": "delete_file", "want": false},
	"another": {"prompt": "Clean my inbox", "tool": "delete_file", "want": false},
	"nothing": {"prompt": "", "tool": "delete_file", "want": false},
}

test_related[name] if {
	some name, c in cases
	_is_related(c.prompt, c.tool) == c.want
}

test_related_not[name] if {
	some name, in_ in call_test.lacking("Clean my inbox", "delete_email", {})
	not topic.related with input as in_
}

_is_related(prompt, tool) if topic.related with input as call_test.asking(prompt, tool, {})

_is_related(prompt, tool) := false if not topic.related with input as call_test.asking(prompt, tool, {})
