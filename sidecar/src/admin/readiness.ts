import type { JsonObject } from "@cortexos/protocol";

/** The state of one thing the sidecar needs. */
export interface PartState {
  readonly ok: boolean;
  /** For people: what it is, or why it isn't. */
  readonly detail: string;
}

/** Asks every part; cheap, answers at once. */
export type ReadParts = () => Readonly<Record<string, PartState>>;

/** What `/readyz` answers: 200 only when every part is as it must be. */
export function readReadiness(readParts: ReadParts): { readonly status: 200 | 503; readonly body: JsonObject } {
  const parts = readParts();
  const reasons = Object.entries(parts)
    .filter(([, { ok }]) => !ok)
    .map(([name, { detail }]) => `${name}: ${detail}`);
  const ready = reasons.length === 0;
  const checks = Object.fromEntries(Object.entries(parts).map(([name, { ok, detail }]) => [name, { ok, detail }]));
  return { status: ready ? 200 : 503, body: { ready, checks, ...(!ready && { reasons }) } };
}
