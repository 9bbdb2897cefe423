# METADATA
# title: Only an SRE lead acts in production
# description: Denies every message of a principal without the role SRE_LEAD in the environment prod.
# scope: package
# custom:
#   id: spec.prod_sre_lead
#   severity: critical
#   since: 0.1.0
#   docs: the example rule of the specification, in its own words and in Rego v0
package cortexos.rules.spec.prod_sre_lead

deny[msg] {
    input.job_meta.environment == "prod"
    not has_sre_lead
    msg = "Non-SRE attempted prod action"
}

# Printed in the specification as `not input.principal.roles[_] == "SRE_LEAD"`, which OPA refuses: a wildcard can't be searched under `not`.
has_sre_lead {
    input.principal.roles[_] == "SRE_LEAD"
}
