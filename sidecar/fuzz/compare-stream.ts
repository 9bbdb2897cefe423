import type { Deciding, FuzzRig, Side } from "./fuzz-rig.ts";
import { CONTROL_LINE_BYTES_MAX, PAYLOAD_BYTES_MAX } from "./client-streams.ts";
import { runStream, type Ending, type Outcome } from "./run-stream.ts";
import type { Delivery, ServerFrame } from "./server-frames.ts";
import { knownConnect } from "./strict-connect.ts";
import { readStrictly, type Operation, type Reading } from "./strict-reader.ts";

/** One stream, how it is cut, and who decides. */
export interface FuzzCase {
  readonly deciding: Deciding;
  /** One character a byte. */
  readonly text: string;
  /** Offsets, ascending. */
  readonly cuts: readonly number[];
}

/** What a comparison found. */
export interface Comparison {
  /** Where the two ways differ though they mustn't; empty when all is well. */
  readonly differences: readonly string[];
  /** How the gate was stricter than the server: the violation's code, `refused`, or nothing. */
  readonly strictness: readonly string[];
  /** The server itself closed at the violation. */
  readonly isServerAsStrict: boolean;
}

/**
 * Sends a stream through a sidecar that allows everything and straight to an equal server, and compares both ends.
 *
 * The rule. {@link readStrictly} says where the gate must be stricter: at the first violation, and at each publish to what can't be published to.
 * Without these, without the keys of CONNECT that the gate leaves out, and with PUB for an HPUB of no header lines, it
 * is what the direct way gets, and then all must be equal: what a subscriber behind the bus received, and what the client saw (a
 * violation may cut the latter short, and a refusal adds its error). At a violation the gate must also close and record it; and of the whole stream,
 * sent directly, at least that much must have been delivered.
 */
export async function compareStream(rig: FuzzRig, fuzzCase: FuzzCase): Promise<Comparison> {
  const { text, cuts, deciding } = fuzzCase;
  const reading = readStrictly(text, {
    controlLineBytesMax: CONTROL_LINE_BYTES_MAX,
    payloadBytesMax: PAYLOAD_BYTES_MAX,
  });
  const { operations, fault, tail } = reading;
  const kept = operations.filter(({ isRefused }) => !isRefused).map((operation) => directForm(text, operation));
  const isWhole = fault === undefined && tail === text.length;
  const pingCount = operations.filter(({ verb }) => verb === "PING").length;
  const allowed = await runStream(rig.direct, [...kept, "PING\r\n"], { kind: "pongs", count: pingCount + 1 });
  // The barrier's own PONG is not an answer to the stream.
  const expected = isWhole || allowed.isClosed ? allowed : { ...allowed, seen: allowed.seen.slice(0, -1) };
  const chunks = cutText(text, cuts);
  const guarded = await runStream(
    rig.guarded[deciding],
    isWhole ? [...chunks, "PING\r\n"] : chunks,
    guardedEnding(reading, isWhole, expected),
  );
  const isStricter = fault !== undefined || operations.some(({ isRefused }) => isRefused);
  const whole = isStricter
    ? await runStream(rig.direct, [...operations.map((operation) => directForm(text, operation)), text.slice(tail)], {
        kind: "now",
      })
    : expected;
  return {
    differences: [
      ...deliveredDifferences(guarded, expected, whole),
      ...seenDifferences(guarded, expected, reading),
      ...violationDifferences(guarded, expected, { ...reading, text }),
      ...infoDifferences(guarded, rig.guarded[deciding]),
    ],
    strictness: [...guarded.violations, ...(operations.some(({ isRefused }) => isRefused) ? ["refused"] : [])],
    isServerAsStrict: fault !== undefined && whole.seen.at(-1)?.op === "-ERR",
  };
}

/** What the direct way gets in place of an operation that the gate passes on as another one. */
function directForm(text: string, { verb, start, end }: Operation): string {
  const own = text.slice(start, end);
  if (verb === "CONNECT") return `CONNECT ${knownConnect(own.slice(verb.length))}\r\n`;
  return verb === "HPUB" ? withoutEmptyBlock(own) : own;
}

/** An HPUB without header lines is the PUB that it means. */
function withoutEmptyBlock(operation: string): string {
  const [line = ""] = operation.split("\n", 1);
  const [, ...args] = line.trim().split(/[ \t]+/);
  const [headerChars = 0, total = 0] = args.slice(-2).map(Number);
  const body = operation.slice(line.length + 1);
  if (headerChars !== 0 && body.slice(0, headerChars) !== "NATS/1.0\r\n\r\n") return operation;
  return `PUB ${args.slice(0, -2).join(" ")} ${total - headerChars}\r\n${body.slice(headerChars)}`;
}

export function cutText(text: string, cuts: readonly number[]): readonly string[] {
  return [...cuts, text.length].map((end, i) => text.slice(cuts[i - 1] ?? 0, end));
}

function guardedEnding({ operations, fault }: Reading, isWhole: boolean, expected: Outcome): Ending {
  if (fault !== undefined) return { kind: "closed" };
  if (!isWhole) {
    const refusedCount = operations.filter(({ isRefused }) => isRefused).length;
    return { kind: "frames", count: expected.seen.length + refusedCount };
  }
  return { kind: "pongs", count: operations.filter(({ verb }) => verb === "PING").length + 1 };
}

function deliveredDifferences(guarded: Outcome, expected: Outcome, whole: Outcome): readonly string[] {
  const got = guarded.delivered.map(describe);
  const wanted = expected.delivered.map(describe);
  const differences: string[] = [];
  if (!isEqual(got, wanted)) differences.push(`delivered ${JSON.stringify(got)}, directly ${JSON.stringify(wanted)}`);
  const all = whole.delivered.map(describe);
  let at = 0;
  for (const message of got) {
    at = all.indexOf(message, at) + 1;
    if (at === 0) return [...differences, `delivered what the direct way would not have: ${message}`];
  }
  return differences;
}

function seenDifferences(guarded: Outcome, expected: Outcome, { operations, fault }: Reading): readonly string[] {
  const { answers, refusals } = splitRefusals(guarded.seen);
  const isCut = fault !== undefined || expected.isClosed;
  const wanted = describeSeen(expected.seen, isCut);
  const got = describeSeen(answers, isCut);
  const refused = operations.filter(({ isRefused }) => isRefused);
  const differences: string[] = [];
  if (!isCut && refusals.length !== refused.length) {
    differences.push(`the client was told of ${refusals.length} refusals, not of ${refused.length}`);
  }
  // The gate's own message counts for `UNSUB max`, so that deliveries after it may be fewer.
  if (refused.some(({ reply }) => reply !== "") && operations.some(({ verb }) => verb === "UNSUB")) return differences;
  const isAsWanted = isCut ? isBeginning(got, wanted) || isBeginning(got.slice(0, -1), wanted) : isEqual(got, wanted);
  if (!isAsWanted) differences.push(`the client saw ${JSON.stringify(got)}, directly ${JSON.stringify(wanted)}`);
  return differences;
}

/** The gate's own refusals among what the client saw: an error, and an error reply where it listens. */
function splitRefusals(seen: readonly ServerFrame[]): {
  readonly answers: readonly ServerFrame[];
  readonly refusals: readonly ServerFrame[];
} {
  const isError = (frame: ServerFrame): boolean => frame.op === "-ERR" && / rule=(?:subject|reply)\./.test(frame.text);
  const isReply = (frame: ServerFrame): boolean =>
    frame.op === "MSG" && frame.payload.startsWith('{"error":{"code":403,"err_code":44003,');
  return {
    answers: seen.filter((frame) => !isError(frame) && !isReply(frame)),
    refusals: seen.filter(isError),
  };
}

function violationDifferences(
  { violations, isClosed }: Outcome,
  expected: Outcome,
  { fault, tail, text }: Reading & { readonly text: string },
): readonly string[] {
  if (fault === undefined) {
    return violations.length === 0 ? [] : [`a legal stream was taken for ${violations.join()}`];
  }
  // The server closed over what came before; whether the violation had its turn by then is a matter of time.
  if (expected.isClosed && violations.length === 0) return [];
  const [code] = violations;
  const isKnown = violations.length === 1 && code !== undefined && fault.codes.includes(code);
  const where = JSON.stringify(text.slice(tail, tail + 80));
  return [
    ...(isClosed ? [] : ["the connection stayed open after a violation"]),
    ...(isKnown ? [] : [`recorded [${violations.join()}] and not ${fault.codes.join(" or ")} at ${where}`]),
  ];
}

/** No INFO names the server behind. */
function infoDifferences({ infos }: Outcome, { port }: Side): readonly string[] {
  const isOurs = (json: string): boolean => json.includes(`"port":${port}`) && !json.includes("connect_urls");
  return infos.every(isOurs) ? [] : [`an INFO names another address: ${infos.join()}`];
}

/** As text, without what a canonical form may change: how sizes, blanks and header lines are written. */
function describe(frame: ServerFrame | Delivery): string {
  if (frame.op !== "MSG") return JSON.stringify(frame);
  const lines = frame.headers.split("\r\n").slice(1, -2);
  const headers = lines.map((line) => line.replace(/:[ \t]*/, ":").replace(/[ \t]+$/, ""));
  return JSON.stringify({ ...frame, headers });
}

/** In which order one message comes to several subscriptions of a connection is the server's choice. Of a cut run nobody knows which are missing. */
function describeSeen(frames: readonly ServerFrame[], isCut: boolean): readonly string[] {
  const runs: { readonly message: string; readonly sids: string[] }[] = [];
  for (const frame of frames) {
    const message = describe(frame.op === "MSG" ? { ...frame, sid: "" } : frame);
    const last = runs.at(-1);
    if (frame.op !== "MSG") runs.push({ message, sids: [""] });
    else if (last?.message === message) last.sids.push(frame.sid);
    else runs.push({ message, sids: [frame.sid] });
  }
  return runs.flatMap(({ message, sids }) => sids.sort().map((sid) => (isCut ? message : `${message} to ${sid}`)));
}

function isEqual(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && isBeginning(left, right);
}

function isBeginning(left: readonly string[], right: readonly string[]): boolean {
  return left.length <= right.length && left.every((item, i) => item === right[i]);
}
