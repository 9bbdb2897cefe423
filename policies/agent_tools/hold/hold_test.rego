package cortexos.rules.agent_tools.hold_test

import data.cortexos.rules.agent_tools.hold

test_because if {
	hold.because("why") == {"reason": "why", "approvers": "APPROVER", "quorum": 1, "expires_ms": 900000}
}
