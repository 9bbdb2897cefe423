package cortexos.rules.agent_tools.prompt_test

import data.cortexos.rules.agent_tools.call_test
import data.cortexos.rules.agent_tools.prompt

acts := {
	"Send Bob an email.": {"message"},
	"What did Bob send?": set(),
	"I'll book a room later.": set(),
	"Don't delete anything.": set(),
	"Don't forget to pay Bob.": {"pay"},
	"It is not here. Remove it.": {"destroy"},
	"Find the email about the order.": set(),
	"Make sure that it fits.": set(),
	"Tell me how much it is.": set(),
	"Write me a poem.": {"create"},
	"Get rid of it.": {"destroy"},
	"Set up a call.": {"change", "create"},
	"Let them all know that it works.": {"message"},
	"Send them the difference.": {"message", "pay"},
	"Read the event 'Delete it all'.": set(),
	"Read send-report.txt.": set(),
	"": set(),
}

test_acts[text] if {
	some text, want in acts
	got := prompt.acts with input as _session(text)
	got == want
}

test_acts_missing if {
	got := prompt.acts with input as {}
	got == set()
}

test_acts_beyond_the_bound if {
	long := concat("", [_blanks, "pay"])
	got := prompt.acts with input as _session(long)
	got == set()
}

_blanks := concat("", [" " | some _ in numbers.range(1, 16384)])

test_says if {
	in_ := _session("Stay at 'Le Marais' in Paris")
	prompt.says("le marais") with input as in_
	prompt.says("Le-Marais") with input as in_
	not prompt.says("mar") with input as in_
	not prompt.says("") with input as in_
	not prompt.says("*") with input as in_
	not prompt.says("paris le") with input as in_
}

test_writes if {
	in_ := _session("Mail Jo@B.example, please.")
	prompt.writes("jo@b.example") with input as in_
	not prompt.writes("o@b.example") with input as in_
}

test_uses if {
	in_ := _session("my files")
	prompt.uses("file") with input as in_
	not prompt.uses("fil") with input as in_
}

test_amounts if {
	got := prompt.amounts with input as _session("12.50 and 1,000 on 1.2.3")
	got == {12.5, 1000}
}

test_topics if {
	got := prompt.topics with input as _session("my inbox")
	got == {"mail"}
}

manys := {
	"Remove both.": true,
	"Remove the files.": true,
	"Remove 3 of it.": true,
	"Remove the file of 2026.": false,
	"Remove the file 'drafts.zip'.": false,
	"Remove 1 of it.": false,
}

test_many[text] if {
	some text, want in manys
	_is_many(text) == want
}

_is_many(text) if prompt.many with input as _session(text)

_is_many(text) := false if not prompt.many with input as _session(text)

many_deletions := {
	"Delete both.": true,
	"Delete the two of them.": true,
	"Delete my 3 copies.": true,
	"Delete the files.": true,
	"Delete the file and the mail.": true,
	"Get rid of the files.": true,
	"Get rid of it.": false,
	"Delete it.": false,
	"Delete version 1 of it.": false,
	"Delete it. Then list the files.": false,
	"Read the files, then delete it.": false,
	"Read the files.": true,
}

test_many_to[text] if {
	some text, want in many_deletions
	_is_many_to(text) == want
}

_is_many_to(text) if prompt.many_to("destroy") with input as _session(text)

_is_many_to(text) := false if not prompt.many_to("destroy") with input as _session(text)

test_delegates if {
	prompt.delegates with input as _session("Read it and follow the instructions.")
	not prompt.delegates with input as _session("Read the instructions.")
}

test_names if {
	got := prompt.names with input as _session("Please mail Dana Moss (Lee@B.example) and Hye-jin on Friday, and All of them")
	got == {"please", "dana", "moss", "hye", "hyejin"}
}

test_surnames if {
	got := prompt.surnames with input as _session("Can Dana Moss-Lee come, or Ida?")
	got == {"can": {"dana"}, "dana": {"moss-lee"}}
}

test_directory if {
	declared := {"directory": {"Jo": ["Jo@B.example", 7]}}
	got := prompt.directory with input as {"context": {"session": {"declared": declared}}}
	got == {"jo@b.example"}
}

test_directory_missing if {
	got := prompt.directory with input as {}
	got == set()
}

_session(text) := call_test.asking(text, "get_balance", {})
