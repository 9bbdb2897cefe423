# METADATA
# title: Payload fields
# description: What a policy on payload fields costs - a spending limit and a list of recipients.
# scope: package
package cortexos.rules.bench.payload

recipients := {"CH9300762011623852957", "GB29NWBK60161331926819"}

allow contains "a tool call" if {
	input.message.payload.tool in {"send_money", "get_balance"}
}

deny contains "over the limit" if {
	input.message.payload.tool == "send_money"
	not _within_limit
}

deny contains "unknown recipient" if {
	input.message.payload.tool == "send_money"
	not input.message.payload.args.recipient in recipients
}

_within_limit if input.message.payload.args.amount <= 100
