# METADATA
# title: Kubernetes
# description: Denies changes in protected namespaces, and those that name none; holds destructive ones elsewhere.
# scope: package
# custom:
#   id: actions.kubernetes
#   severity: critical
#   since: 0.1.0
package cortexos.rules.actions.kubernetes

import data.cortexos.rules.actions.action

deny contains "a protected namespace isn't changed by an agent" if {
	some operation in _operations
	operation.verb in (_changing | _destructive)
	not _is_open(operation)
}

require_human contains action.held("what Kubernetes destroys or runs inside a container needs an approval") if {
	some operation in _operations
	operation.verb in _destructive
	_is_open(operation)
}

_destructive := {verb | some verb in data.cortexos.rules.actions.kubernetes.destructive}

_changing := {verb | some verb in data.cortexos.rules.actions.kubernetes.changing}

# An operation is open when it names one namespace and that isn't protected.
_is_open(operation) if {
	count(operation.namespaces) == 1
	every namespace in operation.namespaces {
		is_string(namespace)
		not _is_protected(namespace)
	}
}

_is_protected("")

_is_protected(namespace) if {
	some pattern in data.cortexos.rules.actions.kubernetes.protected_namespaces
	glob.match(pattern, [], lower(namespace))
}

# A tool's name says that it works on Kubernetes, and it or an argument says what it does.
_operations contains {"verb": verb, "namespaces": namespaces} if {
	some word in data.cortexos.rules.actions.kubernetes.tool_words
	word in action.tool_words
	some verb in _tool_verbs
	namespaces := {namespace | namespace := input.action.args.namespace}
}

_tool_verbs := action.tool_words | {lower(verb) |
	some name in ["verb", "operation", "action"]
	verb := input.action.args[name]
}

# A command line.
_operations contains {"verb": verb, "namespaces": namespaces} if {
	some command in action.commands
	some line in regex.find_n(`\b(?:kubectl|oc)\s[^;|&\n]*`, command, 50)
	namespaces := _named_namespaces(line)
	verb := _verb(line)
}

_named_namespaces(line) := {"", "*"} if regex.match(`\s(?:-A|--all-namespaces)\b`, line)

_named_namespaces(line) := {trim(groups[1], "\"'") |
	some groups in regex.find_all_string_submatch_n(`\s(?:-n|--namespace)[ =]*(\S+)`, line, 5)
} if {
	not regex.match(`\s(?:-A|--all-namespaces)\b`, line)
}

# The first word behind the command that is no option and no option's value.
_verb(line) := lower(verbs[1]) if {
	plain := regex.replace(line, `\s(?:-n|--namespace|--context|--cluster|--user|--kubeconfig|-s|--server|--as)[ =]*\S+`, "")
	verbs := [word | some word in regex.find_n(`[^\s"']+`, plain, 64); not startswith(word, "-")]
}
