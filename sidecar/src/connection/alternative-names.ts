/**
 * The names of a certificate as Node tells them (`DNS:a, URI:spiffe://b`), one by one. A name with a character that could end it early stands there as a JSON
 * string and is given back as what that says, so that no name can pass for two.
 */
export function splitAlternativeNames(text: string): readonly string[] {
  const names: string[] = [];
  for (const { groups } of text.matchAll(
    /(?<kind>[^:,]+):(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<plain>[^,]*))(?:, |$)/gy,
  )) {
    const { kind = "", quoted, plain = "" } = groups ?? {};
    names.push(`${kind}:${quoted === undefined ? plain : unquote(quoted)}`);
  }
  return names;
}

function unquote(text: string): string {
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return text;
  }
}
