# METADATA
# title: Money
# description: Holds payments above a limit, without an amount or in an unknown currency; two approve large ones, and the largest are denied.
# scope: package
# custom:
#   id: actions.money
#   severity: critical
#   since: 0.1.0
package cortexos.rules.actions.money

import data.cortexos.rules.actions.action

deny contains "the amount is more than an agent may ever move" if {
	_moves_money
	some amount in _amounts
	abs(amount) >= data.cortexos.rules.actions.money.denied_from
}

require_human contains object.union(
	data.cortexos.rules.actions.money.first,
	{"reason": "moving money above the limit, of no amount or in an unknown currency needs an approval"},
) if {
	_moves_money
	not _within(data.cortexos.rules.actions.money.alone_max)
}

require_human contains object.union(
	data.cortexos.rules.actions.money.second,
	{"reason": "moving this much money needs two approvals"},
) if {
	_moves_money
	some amount in _amounts
	abs(amount) >= data.cortexos.rules.actions.money.second_from
}

_moves_money if {
	some word in data.cortexos.rules.actions.money.tool_words
	word in action.tool_words
	not _reads
}

_reads if action.words_of(input.action.tool)[0] in data.cortexos.rules.actions.money.reading_words

_amounts contains amount if {
	some name in data.cortexos.rules.actions.money.amount_arguments
	amount := input.action.args[name]
	not is_null(amount)
}

# There is an amount, every one lies within the limit, as no text does in Rego's order, and the currency is known where one is given.
_within(limit) if {
	count(_amounts) > 0
	every amount in _amounts {
		amount > 0
		amount <= limit
	}
	_currency_is_known
}

_currency_is_known if object.get(input.action.args, "currency", null) == null

_currency_is_known if upper(input.action.args.currency) in data.cortexos.rules.actions.money.currencies
