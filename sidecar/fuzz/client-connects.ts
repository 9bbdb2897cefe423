import type { Random } from "./random.ts";

/** A CONNECT line; one that may be sent, or one of those that mustn't. */
export function connectLine(random: Random, isLegal: boolean): string {
  const json = isLegal ? legalJson(random) : random.pick(ILLEGAL);
  const lead = random.pick([" ", " ", " ", "\t", "  "]);
  const verb = random.pick(["CONNECT", "CONNECT", "CONNECT", "connect", "Connect"]);
  return `${verb}${lead}${json}${random.pick(["", "", "", " "])}${random.pick(["\r\n", "\r\n", "\r\n", "\n"])}`;
}

function legalJson(random: Random): string {
  const flags = ["verbose", "pedantic", "echo", "headers", "no_responders", "tls_required"].flatMap((key) => {
    // Without headers half of the frames would end the connection.
    if (key === "headers" && random.percent(85)) return ['"headers":true'];
    return random.percent(40) ? [`"${key}":${random.percent(key === "tls_required" ? 0 : 50)}`] : [];
  });
  const rest = random.several(4, () => random.pick(REST)).filter((entry, i, all) => all.indexOf(entry) === i);
  const comma = random.pick([",", ", ", " , "]);
  return `{${[...flags, ...rest].join(comma)}}`;
}

/** Each key once. */
const REST: readonly [string, ...string[]] = [
  '"protocol":1',
  '"name":"caf\xc3\xa9 \\u00e9\\r\\n"',
  '"lang":"go"',
  '"version":"1.0"',
  '"user":"agent","pass":"p"',
  '"account":"SYS"',
  '"new_account":true',
  '"import_account":"x"',
  '"proxy_sig":"zzz"',
  '"nested":{"user":"admin","verbose":[1,{"pass":"x"}]}',
  '"":0',
  '"__proto__":{"verbose":false}',
  '"constructor":1',
];

const ILLEGAL: readonly [string, ...string[]] = [
  "",
  "{",
  "{}{}",
  "{} x",
  "[]",
  "null",
  "7",
  '"x"',
  "{'verbose':false}",
  '{"verbose":false,}',
  '{"user":"agent","user":"admin"}',
  '{"user":"agent","USER":"admin"}',
  '{"user":"agent","u\\u0073er":"admin"}',
  '{"u\xc5\xbfer":"admin"}',
  '{"Verbose":false}',
  '{"verbose":"false"}',
  '{"verbose":null}',
  '{"headers":1}',
  '{"name":7}',
  '{"pass":{}}',
  '{"protocol":2}',
  '{"protocol":"1"}',
  '{"name":"\\ud800"}',
  '{"name":"\xff"}',
  '{"name":"a\0b"}',
  '\xef\xbb\xbf{"verbose":false}',
  `{"name":"${"x".repeat(5_000)}"}`,
];
