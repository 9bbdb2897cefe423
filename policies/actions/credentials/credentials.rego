# METADATA
# title: Credentials and roles
# description: Denies taking away credentials and protections, and holds other changes of credentials, roles and access until two approve.
# scope: package
# custom:
#   id: actions.credentials
#   severity: critical
#   since: 0.1.0
package cortexos.rules.actions.credentials

import data.cortexos.rules.actions.action

deny contains "an agent doesn't take away credentials or protections" if {
	_about_credentials
	some verb in data.cortexos.rules.actions.credentials.denied_verbs
	verb in action.tool_words
}

require_human contains object.union(
	data.cortexos.rules.actions.credentials.hold,
	{"reason": "changing credentials, roles or access needs two approvals"},
) if {
	_about_credentials
	some verb in data.cortexos.rules.actions.credentials.verbs
	verb in action.tool_words
}

_about_credentials if {
	some noun in data.cortexos.rules.actions.credentials.nouns
	noun in action.tool_words
}
