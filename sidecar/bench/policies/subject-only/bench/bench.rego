# METADATA
# title: Subjects by role
# description: What a policy of subjects costs - grants by role, and a wall between tenants.
# scope: package
package cortexos.rules.bench.subject_only

grants := {"agent": {"bench.agent", "bench.tool"}, "operator": {"bench.ops"}}

allow contains "granted by role" if {
	some role in input.principal.roles
	concat(".", array.slice(input.message.tokens, 0, 2)) in grants[role]
}

deny contains "another tenant's subject" if {
	input.message.tokens[0] == "tenant"
	input.message.tokens[1] != input.principal.tenant
}
