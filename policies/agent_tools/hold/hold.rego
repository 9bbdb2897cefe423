# METADATA
# title: Terms of a hold
# description: What every hold of this pack asks for.
# scope: package
package cortexos.rules.agent_tools.hold

# A finding that waits for a human, for a reason.
because(reason) := {
	"reason": reason,
	"approvers": data.cortexos.rules.agent_tools.hold.approvers,
	"quorum": data.cortexos.rules.agent_tools.hold.quorum,
	"expires_ms": data.cortexos.rules.agent_tools.hold.expires_ms,
}
