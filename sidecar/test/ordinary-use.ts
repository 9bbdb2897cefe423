/**
 * What agents ordinarily do with NATS, once for each official client. Each scenario gives back plain data without times, ids or addresses of one run,
 * so that a run through the sidecar can be compared with a direct one.
 */
export interface Scenario {
  readonly name: string;
  /** @param tls - the authority (PEM) that vouches for what is connected to; plain unless given. */
  run(url: string, tls?: { readonly ca: string }): Promise<unknown>;
}

/** Payloads whose bytes must survive: empty, text, every byte value, more than a TCP segment. */
export function samplePayloads(): readonly Uint8Array[] {
  const everyByte = Uint8Array.from({ length: 256 }, (_, i) => i);
  const large = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 31) % 251);
  return [new Uint8Array(), Buffer.from("plain"), Buffer.from('{"a":[1,2,"ü"]}'), everyByte, large];
}

export function hex(bytes: Uint8Array): string {
  return bytes.length > 1_000 ? `${bytes.length}:${checksum(bytes)}` : Buffer.from(bytes).toString("hex");
}

function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (const [i, byte] of bytes.entries()) sum = (sum * 33 + byte + i) % 4_294_967_291;
  return sum;
}

/** What was thrown, as a client's user sees it, without what differs from run to run. */
export async function outcomeOf(action: () => Promise<unknown>): Promise<unknown> {
  try {
    return { value: await action() };
  } catch (error) {
    if (!(error instanceof Error)) return { thrown: typeof error };
    const code = "code" in error ? String(error.code) : undefined;
    return { thrown: error.name, message: error.message, ...(code !== undefined && { code }) };
  }
}
