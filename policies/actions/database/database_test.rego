package cortexos.rules.actions.database_test

import data.cortexos.rules.actions.database as rule

destructive := {"a statement destroys, grants or writes without a condition"}

protected := {"a protected database isn't written by an agent"}

held := {{"reason": "writing to a database needs an approval", "approvers": "APPROVER", "quorum": 1, "expires_ms": 900000}}

free := {"deny": set(), "hold": set()}

statements := {
	"SELECT * FROM t": free,
	"SELECT * FROM t FOR UPDATE": free,
	"SELECT * FROM t WHERE 1=1": free,
	"SELECT 'DROP TABLE t'": free,
	"SELECT 1 -- DROP TABLE t": free,
	"SELECT 1 /* ; DROP\nTABLE t */": free,
	"drop table t": {"deny": destructive, "hold": set()},
	"SELECT 1; TRUNCATE t": {"deny": destructive, "hold": set()},
	"/* x */ GRANT ALL ON t TO u": {"deny": destructive, "hold": set()},
	"DELETE FROM t": {"deny": destructive, "hold": set()},
	"DELETE FROM t WHERE 1=1": {"deny": destructive, "hold": set()},
	"DELETE FROM t WHERE a = 'where' OR true": {"deny": destructive, "hold": set()},
	"UPDATE t SET a = 'where'": {"deny": destructive, "hold": set()},
	"DELETE FROM t WHERE id = 7": {"deny": set(), "hold": held},
	"UPDATE t SET a = 1 WHERE id = 7": {"deny": set(), "hold": held},
	"INSERT INTO t VALUES (1)": {"deny": set(), "hold": held},
	"WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x": {"deny": set(), "hold": held},
	"": free,
}

test_statements[sql] if {
	some sql, want in statements
	_answer({"action": {"tool": "run_sql", "args": {"query": sql, "database": "dev"}}}) == want
}

calls := {
	"protected": {"args": {"sql": "INSERT INTO t VALUES (1)", "database": "prod"}, "want": {"deny": protected, "hold": set()}},
	"protected by a pattern": {"args": {"sql": "INSERT INTO t VALUES (1)", "dsn": "pg://h/shop-prod"}, "want": {"deny": protected, "hold": set()}},
	"protected, in another argument": {
		"args": {"sql": "INSERT INTO t VALUES (1)", "note": "prod"},
		"want": {"deny": set(), "hold": held},
	},
	"reading a protected one": {"args": {"sql": "SELECT 1", "database": "prod"}, "want": free},
	"database is a number": {"args": {"sql": "INSERT INTO t VALUES (1)", "database": 7}, "want": {"deny": set(), "hold": held}},
	"command": {"args": {"command": "psql -c \"DROP TABLE t\""}, "want": {"deny": destructive, "hold": set()}},
	"command that reads": {"args": {"command": "psql -c \"SELECT 1\""}, "want": free},
	"no query": {"args": {}, "want": free},
	"query is a number": {"args": {"query": 7}, "want": free},
}

test_calls[name] if {
	some name, c in calls
	_answer({"action": {"tool": "run", "args": c.args}}) == c.want
}

test_missing if {
	_answer({"action": {"tool": "run_sql"}}) == free
	_answer({}) == free
}

_answer(in_) := {"deny": denials, "hold": holds} if {
	denials := rule.deny with input as in_
	holds := rule.require_human with input as in_
}
