# METADATA
# title: Undeclared act
# description: Holds calls that do something that the user's prompt doesn't ask for.
# scope: package
# custom:
#   id: agent_tools.undeclared_act
#   severity: high
#   since: 0.1.0
package cortexos.rules.agent_tools.undeclared_act

import data.cortexos.rules.agent_tools.call
import data.cortexos.rules.agent_tools.hold
import data.cortexos.rules.agent_tools.lexicon
import data.cortexos.rules.agent_tools.prompt
import data.cortexos.rules.agent_tools.topic

require_human contains hold.because("the prompt doesn't ask for what this tool does") if {
	call.effectful
	not _declared
}

# A credential is read only where the user speaks of it.
require_human contains hold.because("the prompt doesn't speak of the credential that this tool reads") if {
	call.reading
	"credential" in call.topics
	not topic.related
}

# What isn't among the tools that were declared is held, whatever it does.
require_human contains hold.because("the tool isn't among those that the session declares") if {
	call.guarded
	is_array(prompt.tools)
	not _listed
}

_listed if input.action.tool in prompt.tools

_declared if _listed

_declared if {
	not _is_another_payment
	some asked in data.cortexos.rules.agent_tools.undeclared_act.declared_by[call.act]
	asked in prompt.acts
}

# A refund isn't any payment: the user must speak of it.
_is_another_payment if {
	call.act == "pay"
	call.verb in data.cortexos.rules.agent_tools.undeclared_act.own_payments
	not prompt.uses(call.verb)
}

# To pay something isn't to change what is paid from now on.
_is_another_payment if {
	call.act == "pay"
	lexicon.tool_acts[call.verb] == "change"
	not _changes
}

_changes if {
	some act in data.cortexos.rules.agent_tools.undeclared_act.changing_payments
	act in prompt.acts
}

# What can be undone is declared by its topic too, where the user asks for anything to be done at all.
_declared if {
	call.act in data.cortexos.rules.agent_tools.undeclared_act.soft_acts
	topic.related
	count(prompt.acts) > 0
}

# To add something to a thing is to update the thing.
_declared if {
	call.verb in data.cortexos.rules.agent_tools.undeclared_act.adding_verbs
	"add" in prompt.acts
}

# Whoever leaves to a text what is to be done leaves to it what can be undone, a change of something that is there among it.
_declared if {
	call.verb in data.cortexos.rules.agent_tools.undeclared_act.adding_verbs
	call.act != "credential"
	prompt.delegates
}

_declared if {
	call.act in data.cortexos.rules.agent_tools.undeclared_act.delegated_acts
	prompt.delegates
}
