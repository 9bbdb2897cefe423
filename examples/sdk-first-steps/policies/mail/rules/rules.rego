# METADATA
# title: Mail
# description: Agents may write mail, but not to everybody; card numbers are taken out; press waits for a human.
# scope: package
# custom:
#   id: mail.rules
#   severity: medium
#   since: 0.1.0
package cortexos.rules.mail.rules

allow contains {"reason": "agents may write mail"}

deny contains {"id": "mail.everybody", "reason": "not to everybody at once"} if input.message.payload.to == "everybody"

deny contains {"id": "mail.outside", "reason": "outside of the workspace"} if contains(input.action.args.path, "..")

modify contains {"id": "mail.cards", "reason": "card numbers are taken out", "set": {"/body": _masked}, "remove": []} if {
	_masked != input.message.payload.body
}

require_human contains {"id": "mail.press", "reason": "press", "approvers": "EDITOR", "quorum": 1, "expires_ms": 60000} if {
	input.message.payload.to == "press"
}

deny contains {"id": "tool.delete", "reason": "it can't be undone"} if input.action.tool == "delete_file"

_masked := regex.replace(input.message.payload.body, `[0-9]{12,19}`, "[card]")
