# METADATA
# title: Grants of roles
# description: Allows what a role of the principal is granted, subjects by pattern and tools by name; the only rule that allows anything.
# scope: package
# custom:
#   id: rbac.grant
#   severity: critical
#   since: 0.1.0
package cortexos.rules.rbac.grant

import data.cortexos.lib.subjects

allow contains "a role of the principal is granted this" if {
	some role in input.principal.roles
	grant := data.cortexos.rules.rbac.grant.roles[role]
	_subject_granted(grant)
	_tool_granted(grant)
}

_subject_granted(grant) if {
	some pattern in grant.subjects
	subjects.matches(pattern, input.message.subject)
}

# A message is a tool call by its subject or by its payload; either way the tool must be granted.
_tool_granted(_) if {
	is_string(input.message.subject)
	not _on_tool_subject
	not input.action
}

_tool_granted(grant) if {
	not _on_tool_subject
	_tool_in(grant.tools)
}

# The worker behind a tool's subject runs that tool, so the payload must name the same one.
_tool_granted(grant) if {
	_on_tool_subject
	tokens := input.message.tokens
	tokens[count(tokens) - 1] == input.action.tool
	_tool_in(grant.tools)
}

_on_tool_subject if {
	some pattern in data.cortexos.rules.rbac.grant.tool_subjects
	subjects.matches(pattern, input.message.subject)
}

_tool_in(tools) if input.action.tool in tools

_tool_in(tools) if {
	some tool in tools
	endswith(tool, "*")
	startswith(input.action.tool, trim_suffix(tool, "*"))
}
