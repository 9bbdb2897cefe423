package cortexos.rules.spec.prod_sre_lead_test

import rego.v1

import data.cortexos.rules.spec.prod_sre_lead as rule

denied := {"Non-SRE attempted prod action"}

cases := {
	"agent in prod": {"input": {"job_meta": {"environment": "prod"}, "principal": {"roles": ["AGENT"]}}, "want": denied},
	"lead in prod": {"input": {"job_meta": {"environment": "prod"}, "principal": {"roles": ["SRE_LEAD"]}}, "want": set()},
	"lead among other roles": {"input": {"job_meta": {"environment": "prod"}, "principal": {"roles": ["AGENT", "SRE_LEAD", "X"]}}, "want": set()},
	"role in lower case": {"input": {"job_meta": {"environment": "prod"}, "principal": {"roles": ["sre_lead"]}}, "want": denied},
	"role that begins alike": {"input": {"job_meta": {"environment": "prod"}, "principal": {"roles": ["SRE_LEADER"]}}, "want": denied},
	"no roles": {"input": {"job_meta": {"environment": "prod"}, "principal": {"roles": []}}, "want": denied},
	"roles missing": {"input": {"job_meta": {"environment": "prod"}, "principal": {}}, "want": denied},
	"principal missing": {"input": {"job_meta": {"environment": "prod"}}, "want": denied},
	"roles are a text": {"input": {"job_meta": {"environment": "prod"}, "principal": {"roles": "SRE_LEAD"}}, "want": denied},
	"roles are numbers": {"input": {"job_meta": {"environment": "prod"}, "principal": {"roles": [7, null]}}, "want": denied},
	"agent elsewhere": {"input": {"job_meta": {"environment": "dev"}, "principal": {"roles": ["AGENT"]}}, "want": set()},
	"environment in upper case": {"input": {"job_meta": {"environment": "PROD"}, "principal": {"roles": ["AGENT"]}}, "want": set()},
	"environment missing": {"input": {"job_meta": {}, "principal": {"roles": ["AGENT"]}}, "want": set()},
	"environment is a number": {"input": {"job_meta": {"environment": 1}, "principal": {"roles": ["AGENT"]}}, "want": set()},
}

test_cases[name] if {
    some name
    c := cases[name]
    rule.deny == c.want with input as c.input
}
