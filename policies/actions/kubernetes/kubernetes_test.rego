package cortexos.rules.actions.kubernetes_test

import data.cortexos.rules.actions.kubernetes as rule

denied := {"a protected namespace isn't changed by an agent"}

held := {{
	"reason": "what Kubernetes destroys or runs inside a container needs an approval",
	"approvers": "APPROVER",
	"quorum": 1,
	"expires_ms": 900000,
}}

free := {"deny": set(), "hold": set()}

cases := {
	"reading": {"tool": "k8s_get", "args": {"namespace": "prod"}, "want": free},
	"deleting in a protected namespace": {"tool": "k8s_delete", "args": {"namespace": "prod"}, "want": {"deny": denied, "hold": set()}},
	"in capitals": {"tool": "K8sDelete", "args": {"namespace": "PROD"}, "want": {"deny": denied, "hold": set()}},
	"by a pattern": {"tool": "k8s_scale", "args": {"namespace": "prod-eu"}, "want": {"deny": denied, "hold": set()}},
	"begins alike": {"tool": "k8s_scale", "args": {"namespace": "product"}, "want": free},
	"deleting elsewhere": {"tool": "k8s_delete", "args": {"namespace": "dev"}, "want": {"deny": set(), "hold": held}},
	"scaling elsewhere": {"tool": "k8s_scale", "args": {"namespace": "dev"}, "want": free},
	"verb as an argument": {"tool": "kubernetes", "args": {"verb": "Exec", "namespace": "prod"}, "want": {"deny": denied, "hold": set()}},
	"namespace missing": {"tool": "k8s_scale", "args": {}, "want": {"deny": denied, "hold": set()}},
	"namespace is empty": {"tool": "k8s_scale", "args": {"namespace": ""}, "want": {"deny": denied, "hold": set()}},
	"namespace is a list": {"tool": "k8s_scale", "args": {"namespace": ["dev"]}, "want": {"deny": denied, "hold": set()}},
	"verb in another argument": {"tool": "kubernetes", "args": {"note": "delete", "namespace": "prod"}, "want": free},
	"verb is a number": {"tool": "kubernetes", "args": {"verb": 7, "namespace": "prod"}, "want": free},
	"another tool": {"tool": "delete_file", "args": {"namespace": "prod"}, "want": free},
	"command": {"tool": "run", "args": {"command": "kubectl -n prod delete pod x"}, "want": {"deny": denied, "hold": set()}},
	"command elsewhere": {"tool": "run", "args": {"command": "kubectl delete pod x --namespace=dev"}, "want": {"deny": set(), "hold": held}},
	"command as a list": {"tool": "run", "args": {"argv": ["kubectl", "exec", "-n", "prod", "x"]}, "want": {"deny": denied, "hold": set()}},
	"command in all namespaces": {"tool": "run", "args": {"command": "kubectl delete pod -A -n dev"}, "want": {"deny": denied, "hold": set()}},
	"command with two namespaces": {"tool": "run", "args": {"command": "kubectl scale d -n dev -n prod"}, "want": {"deny": denied, "hold": set()}},
	"command without a namespace": {"tool": "run", "args": {"command": "kubectl scale deploy/x"}, "want": {"deny": denied, "hold": set()}},
	"behind another command": {"tool": "run", "args": {"command": "ls && /usr/bin/kubectl --context c delete ns prod"}, "want": {"deny": denied, "hold": set()}},
	"reading by a command": {"tool": "run", "args": {"command": "kubectl get pods -n prod"}, "want": free},
	"no verb": {"tool": "run", "args": {"command": "kubectl --help"}, "want": free},
}

test_cases[name] if {
	some name, c in cases
	got := _answer({"action": {"tool": c.tool, "args": c.args}})
	got == c.want
}

missing := {
	"tool": {"action": {"args": {"namespace": "prod"}}},
	"tool, a number": {"action": {"tool": 7, "args": {"namespace": "prod"}}},
	"args, a text": {"action": {"tool": "k8s_get", "args": "x"}},
	"action": {},
}

test_missing[name] if {
	some name, in_ in missing
	_answer(in_) == free
}

test_args_missing if _answer({"action": {"tool": "k8s_delete"}}) == {"deny": denied, "hold": set()}

_answer(in_) := {"deny": denials, "hold": holds} if {
	denials := rule.deny with input as in_
	holds := rule.require_human with input as in_
}
