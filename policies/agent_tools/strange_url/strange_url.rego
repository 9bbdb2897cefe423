# METADATA
# title: Strange URL
# description: Holds calls that go to a host which the user didn't name, or carry something out in the URL.
# scope: package
# custom:
#   id: agent_tools.strange_url
#   severity: high
#   since: 0.1.0
package cortexos.rules.agent_tools.strange_url

import data.cortexos.rules.agent_tools.call
import data.cortexos.rules.agent_tools.hold
import data.cortexos.rules.agent_tools.prompt

require_human contains hold.because("the prompt names neither this URL nor its host") if {
	call.guarded
	some text in call.texts
	_is_target(text)
	not _known(lower(text.value))
}

# A link that others will open may be asked for; what it carries isn't.
require_human contains hold.because("a link carries something, or leads to a machine without a name") if {
	call.effectful
	some text in call.texts
	some url in regex.find_n(`(?i)(?:[a-z][a-z0-9+.\-]{1,15}://|www\.)[^\s"'<>()]+`, text.value, 50)
	not _is_named(lower(url))
	_is_strange(lower(url))
}

_is_strange(url) if not _is_plain(url)

_is_strange(url) if _is_odd_host(_host(url))

_is_target(text) if {
	call.is_url(text.value)
	call.reading
}

_is_target(text) if {
	call.is_url(text.value)
	not call.is_free(text)
}

_is_target(text) if {
	some key in text.keys
	key in data.cortexos.rules.agent_tools.strange_url.keys
}

_known(url) if _is_named(url)

_known(url) if url in prompt.directory

_known(url) if {
	_is_plain(url)
	_host(url) in _named_hosts
}

# The user sends the agent to pages that others link to: reading one is fine while its URL carries nothing.
_known(url) if {
	call.reading
	prompt.uses_any(data.cortexos.rules.agent_tools.strange_url.reading_declared_by)
	_is_plain(url)
	not _is_odd_host(_host(url))
}

_is_named(url) if {
	some literal in prompt.literals
	_bare(literal) == _bare(url)
}

_named_hosts := {_host(literal) | some literal in prompt.literals; contains(literal, ".")}

_bare(url) := trim_suffix(trim_prefix(regex.replace(url, `^[a-z][a-z0-9+.\-]*://`, ""), "www."), "/")

_host(url) := split(_bare(url), "/")[0]

# Nothing but a host and a short path of words.
_is_plain(url) if {
	count(url) <= data.cortexos.rules.agent_tools.strange_url.chars_max
	not regex.match(`[?#@%=&\\]`, url)
	not regex.match(`[a-z0-9_]{25,}`, url)
	count(regex.find_n(`[0-9]`, url, 17)) < 17
}

_is_odd_host(host) if regex.match(`^[0-9.:\[\]]+$|xn--|[^\x21-\x7e]|:[0-9]`, host)

_is_odd_host(host) if count(split(host, ".")) > 4

_is_odd_host(host) if not contains(host, ".")

_is_odd_host(host) if regex.match(`[0-9]{3}|-[^.]*-[^.]*-`, host)
