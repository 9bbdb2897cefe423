# METADATA
# title: Prohibited practices
# description: Denies everything of a workload whose declared use is prohibited.
# scope: package
# custom:
#   id: compliance.ai_act_prohibited
#   severity: critical
#   since: 0.1.0
#   article: Regulation (EU) 2024/1689 Art. 5
package cortexos.rules.compliance.ai_act_prohibited

import data.cortexos.rules.compliance.facts

deny contains "this use of AI is prohibited (EU AI Act Art. 5)" if facts.says("ai_use") in data.cortexos.rules.compliance.ai_act_prohibited.uses
