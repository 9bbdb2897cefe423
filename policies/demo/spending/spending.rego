# METADATA
# title: Spending limit
# description: Holds tool calls that spend money, unless they name an amount within the limit.
# scope: package
# custom:
#   id: demo.spending
#   severity: high
#   since: 0.1.0
package cortexos.rules.demo.spending

require_human contains finding if {
	amount_field := data.cortexos.rules.demo.spending.tools[input.action.tool]
	not _within_limit(amount_field)
	finding := {
		"reason": "spending above the limit, or without an amount, needs an approval",
		"approvers": data.cortexos.rules.demo.spending.approvers,
		"quorum": data.cortexos.rules.demo.spending.quorum,
		"expires_ms": data.cortexos.rules.demo.spending.expires_ms,
	}
}

_within_limit(amount_field) if {
	amount := input.action.args[amount_field]
	is_number(amount)
	amount > 0
	amount <= data.cortexos.rules.demo.spending.amount_max
}
