/** Decides calls of tools by the end of the tool's name. */
export const BY_TOOL_NAME = `# METADATA
# title: By tool name
# description: Gives the outcome that the end of a tool's name says.
package cortexos.rules.test.by_tool_name

allow contains {"reason": "a tool may be called"} if {
	input.action.tool
	input.message.subject == sprintf("agent.agent-7.tool.%s", [input.action.tool])
}

deny contains {"id": "test.deny", "reason": "it can't be undone"} if endswith(input.action.tool, "_deny")

deny contains {"id": "test.force", "reason": "never by force"} if input.action.args.force == true

require_human contains {"id": "test.hold", "reason": "a person must look", "approvers": "SRE_LEAD", "quorum": 1, "expires_ms": 60000} if endswith(input.action.tool, "_hold")

throttle contains {"id": "test.slow", "reason": "one at a time", "key": input.action.tool, "rate": 1, "burst": 1, "window_ms": 60000} if endswith(input.action.tool, "_slow")

modify contains {"id": "test.mod", "reason": "redacted", "set": {"/args/secret": "***"}, "remove": []} if input.action.args.secret
`;
