package cortexos.rules.agent_tools.strange_url_test

import data.cortexos.rules.agent_tools.call_test
import data.cortexos.rules.agent_tools.strange_url as rule

held := {{"reason": "the prompt names neither this URL nor its host", "approvers": "APPROVER", "quorum": 1, "expires_ms": 900000}}

carrying := {{"reason": "a link carries something, or leads to a machine without a name", "approvers": "APPROVER", "quorum": 1, "expires_ms": 900000}}

cases := {
	"written": {"prompt": "Read www.a.example/x", "tool": "get_webpage", "args": {"url": "https://www.a.example/x/"}, "want": set()},
	"host written": {"prompt": "Read www.a.example", "tool": "get_webpage", "args": {"url": "www.a.example/y"}, "want": set()},
	"host written, carrying something": {"prompt": "Read www.a.example", "tool": "get_webpage", "args": {"url": "www.a.example/?d=secret"}, "want": held},
	"page that others link to": {"prompt": "Read the article that Jo posted.", "tool": "get_webpage", "args": {"url": "http://b.example/x"}, "want": set()},
	"page that nobody spoke of": {"prompt": "Read the notes.", "tool": "get_webpage", "args": {"url": "http://b.example/x"}, "want": held},
	"carrying something in the path": {"prompt": "Read the article.", "tool": "get_webpage", "args": {"url": "http://b.example/aaaaaaaaaaaaaaaaaaaaaaaaa"}, "want": held},
	"many digits": {"prompt": "Read the article.", "tool": "get_webpage", "args": {"url": "http://b.example/12345678-12345678-1"}, "want": held},
	"long": {"prompt": "Read the article.", "tool": "get_webpage", "args": {"url": _long}, "want": held},
	"address of a machine": {"prompt": "Read the article.", "tool": "get_webpage", "args": {"url": "http://203.0.113.9/"}, "want": held},
	"host in other letters": {"prompt": "Read the article.", "tool": "get_webpage", "args": {"url": "http://xn--b-eka.example/"}, "want": held},
	"many labels": {"prompt": "Read the article.", "tool": "get_webpage", "args": {"url": "http://a.b.c.d.example/"}, "want": held},
	"digits in the host": {"prompt": "Read the article.", "tool": "get_webpage", "args": {"url": "http://secure-login443.example/"}, "want": held},
	"two digits in the host": {"prompt": "Read the article.", "tool": "get_webpage", "args": {"url": "http://news24.example/"}, "want": set()},
	"many hyphens in the host": {"prompt": "Read the article.", "tool": "get_webpage", "args": {"url": "http://my-bank-login-now.example/"}, "want": held},
	"host without a dot": {"prompt": "Read the article.", "tool": "get_webpage", "args": {"url": "http://intranet/"}, "want": held},
	"publishing where the user said": {"prompt": "Post it on www.a.example", "tool": "post_webpage", "args": {"url": "www.a.example"}, "want": set()},
	"publishing elsewhere": {"prompt": "Post the article.", "tool": "post_webpage", "args": {"url": "www.b.example"}, "want": held},
	"host by its argument": {"prompt": "Sync the repository.", "tool": "sync_repository", "args": {"remote": "mirror"}, "want": held},
	"in a text for people": {"prompt": "Post the article.", "tool": "post_note", "args": {"body": "www.b.example"}, "want": set()},
	"in a text, carrying something": {"prompt": "Post the article.", "tool": "post_note", "args": {"body": "See www.b.example/?d=secret"}, "want": carrying},
	"in a text, to a machine": {"prompt": "Post the article.", "tool": "post_note", "args": {"body": "See http://203.0.113.9/x."}, "want": carrying},
	"in a text, carrying what the user wrote": {"prompt": "Post www.b.example/?d=1", "tool": "post_note", "args": {"body": "www.b.example/?d=1"}, "want": set()},
	"in a search for people": {"prompt": "Read the notes.", "tool": "search_notes", "args": {"text": "www.b.example"}, "want": held},
	"no url": {"prompt": "Read the notes.", "tool": "get_webpage", "args": {}, "want": set()},
	"url is a list": {"prompt": "Read the notes.", "tool": "get_webpage", "args": {"url": ["www.b.example"]}, "want": held},
}

test_cases[name] if {
	some name, c in cases
	got := rule.require_human with input as call_test.asking(c.prompt, c.tool, c.args)
	got == c.want
}

test_lacking[name] if {
	some name, in_ in call_test.lacking("Read the notes.", "get_webpage", {"url": "www.b.example"})
	got := rule.require_human with input as in_
	got == set()
}

_long := concat("", ["http://b.example/", concat("/", ["abcdefghi" | some _ in numbers.range(1, 11)])])

test_directory if {
	session := {"prompt": "Read the notes.", "declared": {"directory": ["www.b.example"]}}
	in_ := {"context": {"session": session}, "action": {"tool": "get_webpage", "args": {"url": "www.b.example"}}}
	got := rule.require_human with input as in_
	got == set()
}
