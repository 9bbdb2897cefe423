# METADATA
# title: Logs of high-risk systems
# description: Denies everything of a high-risk system whose records aren't kept for long enough.
# scope: package
# custom:
#   id: compliance.ai_act_logs
#   severity: high
#   since: 0.1.0
#   article: Regulation (EU) 2024/1689 Art. 12, 19(1), 26(6)
package cortexos.rules.compliance.ai_act_logs

import data.cortexos.rules.compliance.facts

deny contains "a high-risk system keeps its logs for six months at least (EU AI Act Art. 12, 19, 26(6))" if {
	facts.says("ai_risk") == "high"
	not _keeps_logs
}

_keeps_logs if {
	days := facts.says("log_retention_days")
	regex.match(`^[1-9][0-9]{0,4}$`, days)
	to_number(days) >= data.cortexos.rules.compliance.ai_act_logs.days_min
}
