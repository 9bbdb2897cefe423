import type { DemoResult } from "./report.ts";

/** One line for each message that became something else than the recording expects, with the clients that saw it. */
export function unexpectedLines(results: readonly DemoResult[]): readonly string[] {
  const clientsOf = new Map<string, string[]>();
  for (const { name, client, outcome, expected } of results) {
    if (outcome === expected) continue;
    const what = `${name}: ${outcome}, and ${expected} was expected`;
    clientsOf.set(what, [...(clientsOf.get(what) ?? []), client]);
  }
  return [...clientsOf].map(([what, clients]) => `${what} (${clients.join(" and ")})`);
}
