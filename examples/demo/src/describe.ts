/** The part of a reply that both client lines share. */
interface Reply {
  readonly data: Uint8Array;
  readonly headers?: { get(name: string): string } | undefined;
}

const TEXT_CHARS_MAX = 240;

/** What the caller of a request saw: the refusal in its headers, or the answer. */
export function describeReply(reply: Reply): string {
  const code = reply.headers?.get("Nats-Service-Error-Code") ?? "";
  if (code !== "") {
    const retry = reply.headers?.get("Retry-After") ?? "";
    const error = reply.headers?.get("Nats-Service-Error") ?? "";
    return shorten(`${code} ${error}${retry === "" ? "" : ` (retry after ${retry})`}`);
  }
  return shorten(`answered: ${new TextDecoder().decode(reply.data)}`);
}

/** An error by its own type and words. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return shorten(String(error));
  return shorten(`${error.name}: ${error.message}`);
}

/** Cuts what is too wide for a table. */
export function shorten(text: string, charsMax: number = TEXT_CHARS_MAX): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length <= charsMax ? line : `${line.slice(0, charsMax - 1)}…`;
}
