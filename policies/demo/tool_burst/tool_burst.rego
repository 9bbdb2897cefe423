# METADATA
# title: Tool bursts
# description: Limits how often a principal may call a tool.
# scope: package
# custom:
#   id: demo.tool_burst
#   severity: medium
#   since: 0.1.0
package cortexos.rules.demo.tool_burst

throttle contains finding if {
	limit := data.cortexos.rules.demo.tool_burst.tools[input.action.tool]
	finding := {
		"reason": "the tool is called too often",
		"key": concat(":", ["tool", input.action.tool, _principal]),
		"rate": limit.rate,
		"burst": limit.burst,
		"window_ms": limit.window_ms,
	}
}

# Without an id, all share one bucket: tighter, never wider.
default _principal := ""

_principal := input.principal.id if is_string(input.principal.id)
