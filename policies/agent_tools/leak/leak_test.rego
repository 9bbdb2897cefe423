package cortexos.rules.agent_tools.leak_test

import data.cortexos.rules.agent_tools.call_test
import data.cortexos.rules.agent_tools.leak as rule

link := {{"reason": "a text carries a link that the prompt doesn't speak of", "approvers": "APPROVER", "quorum": 1, "expires_ms": 900000}}

mail := {{"reason": "a text carries a mail address that the prompt doesn't speak of", "approvers": "APPROVER", "quorum": 1, "expires_ms": 900000}}

account := {{"reason": "a text carries an account that the prompt doesn't speak of", "approvers": "APPROVER", "quorum": 1, "expires_ms": 900000}}

card := {{"reason": "a text carries a card number that the prompt doesn't speak of", "approvers": "APPROVER", "quorum": 1, "expires_ms": 900000}}

key := {{"reason": "a text carries a key that the prompt doesn't speak of", "approvers": "APPROVER", "quorum": 1, "expires_ms": 900000}}

secret := {{"reason": "a text carries a secret that the prompt doesn't speak of", "approvers": "APPROVER", "quorum": 1, "expires_ms": 900000}}

number := {{"reason": "a text carries a number among other words that the prompt doesn't speak of", "approvers": "APPROVER", "quorum": 1, "expires_ms": 900000}}

value := {{"reason": "a text carries a secret with its value that the prompt doesn't speak of", "approvers": "APPROVER", "quorum": 1, "expires_ms": 900000}}

encoded := {{"reason": "a text carries something encoded that the prompt doesn't speak of", "approvers": "APPROVER", "quorum": 1, "expires_ms": 900000}}

long := {{"reason": "a text is long enough to carry something out with a search", "approvers": "APPROVER", "quorum": 1, "expires_ms": 900000}}

cases := {
	"plain text": {"prompt": "Message Jo.", "tool": "send_message", "args": {"body": "See you at 10."}, "want": set()},
	"link": {"prompt": "Message Jo.", "tool": "send_message", "args": {"body": "Log in at https://a.example/x"}, "want": link},
	"bare host": {"prompt": "Message Jo.", "tool": "send_message", "args": {"body": "Log in at sso-login.com"}, "want": link},
	"only a link": {"prompt": "Message Jo.", "tool": "send_message", "args": {"body": "www.a.example"}, "want": link},
	"link that was asked for": {"prompt": "Message Jo the link.", "tool": "send_message", "args": {"body": "https://a.example/x"}, "want": set()},
	"link that was written": {"prompt": "Message Jo about www.a.example", "tool": "send_message", "args": {"body": "See www.a.example."}, "want": set()},
	"file name is no link": {"prompt": "Message Jo.", "tool": "send_message", "args": {"body": "See notes.md and a.txt"}, "want": set()},
	"address": {"prompt": "Message Jo.", "tool": "send_message", "args": {"body": "Write to x@c.corp"}, "want": mail},
	"address that was asked for": {"prompt": "Message Jo the contacts.", "tool": "send_message", "args": {"body": "x@c.corp"}, "want": set()},
	"account": {"prompt": "Message Jo.", "tool": "send_message", "args": {"body": "It is DE02 1203 0000 0000 2020 51"}, "want": (account | card)},
	"account in a search": {"prompt": "How much?", "tool": "search_files", "args": {"query": "send DE02120300000000202051"}, "want": (account | number)},
	"account that is searched for": {"prompt": "How much?", "tool": "search_files", "args": {"query": "DE02120300000000202051"}, "want": set()},
	"capitals are no account": {"prompt": "Message Jo.", "tool": "send_message", "args": {"body": "AB12 ABCD EFGH IJKL"}, "want": set()},
	"card": {"prompt": "Message Jo.", "tool": "send_message", "args": {"body": "4111 1111 1111 1111"}, "want": card},
	"card that was asked for": {"prompt": "Message Jo my card number.", "tool": "send_message", "args": {"body": "4111 1111 1111 1111"}, "want": set()},
	"key in a search": {"prompt": "How much?", "tool": "search_files", "args": {"query": "sk_live_abcdefgh12345678"}, "want": key},
	"secret": {"prompt": "Message Jo.", "tool": "send_message", "args": {"body": "The password is x"}, "want": secret},
	"secret that was spoken of": {"prompt": "Message Jo the password.", "tool": "send_message", "args": {"body": "The password is x"}, "want": set()},
	"secret of two words that was spoken of": {"prompt": "Message Jo the API key.", "tool": "send_message", "args": {"body": "The api-key is x"}, "want": set()},
	"secret in a search": {"prompt": "How much?", "tool": "search_files", "args": {"query": "password"}, "want": set()},
	"encoded": {"prompt": "Message Jo.", "tool": "send_message", "args": {"body": "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo0"}, "want": encoded},
	"encoded, in a search alone": {"prompt": "How much?", "tool": "search_files", "args": {"query": "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo0"}, "want": encoded},
	"encoded, as an id": {"prompt": "How much?", "tool": "get_file", "args": {"file_id": "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo0"}, "want": set()},
	"long word": {"prompt": "Message Jo.", "tool": "send_message", "args": {"body": "abcdefghijklmnopqrstuvwxyzabcdefghijkl"}, "want": set()},
	"number in a search": {"prompt": "How much?", "tool": "search_files", "args": {"query": "Jo C01234567"}, "want": number},
	"number that is searched for": {"prompt": "How much?", "tool": "search_files", "args": {"query": "C01234567"}, "want": set()},
	"number that was written": {"prompt": "What of C01234567?", "tool": "search_files", "args": {"query": "Jo C01234567"}, "want": set()},
	"short number in a search": {"prompt": "How much?", "tool": "search_files", "args": {"query": "Jo 12345"}, "want": set()},
	"number in a message": {"prompt": "Message Jo.", "tool": "send_message", "args": {"body": "Order 1234567"}, "want": set()},
	"secret with its value in a search": {"prompt": "How much?", "tool": "search_files", "args": {"query": "admin password Winter2026"}, "want": value},
	"long search": {"prompt": "How much?", "tool": "search_files", "args": {"query": _chars(401)}, "want": long},
	"search at the bound": {"prompt": "How much?", "tool": "search_files", "args": {"query": _chars(400)}, "want": set()},
	"long message": {"prompt": "Message Jo.", "tool": "send_message", "args": {"body": _chars(401)}, "want": set()},
	"body is null": {"prompt": "Message Jo.", "tool": "send_message", "args": {"body": null}, "want": set()},
}

test_cases[name] if {
	some name, c in cases
	got := rule.require_human with input as call_test.asking(c.prompt, c.tool, c.args)
	got == c.want
}

test_lacking[name] if {
	some name, in_ in call_test.lacking("Message Jo.", "send_message", {"body": "www.a.example"})
	got := rule.require_human with input as in_
	got == set()
}

_chars(many) := concat("", ["é" | some _ in numbers.range(1, many)])
