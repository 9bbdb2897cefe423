# METADATA
# title: Protected tools
# description: Denies tools that change credentials or destroy what can't be brought back.
# scope: package
# custom:
#   id: demo.protected_tools
#   severity: critical
#   since: 0.1.0
package cortexos.rules.demo.protected_tools

deny contains reason if {
	reason := data.cortexos.rules.demo.protected_tools.tools[lower(input.action.tool)]
}
