import { Buffer } from "node:buffer";
import type { Message } from "@cortexos/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CONNECT,
  connected,
  deferred,
  DENIED,
  INFO,
  record,
  told,
  type Deferred,
} from "./recording-host.test.support.ts";
import { createServerFrameParser } from "./server-frame-parser.ts";
import type { PublishVerdict, StandingChoice, StandingVerdict } from "./session-types.ts";
import {
  anyStream,
  bytewise,
  cut,
  legalStream,
  parseChunks,
  places,
  toBytes,
  type SeenFrame,
} from "./wire-streams.test.support.ts";

/** What a host did and said, for one way of cutting the client's stream. */
async function play(chunks: readonly Uint8Array[], stands: "all" | "choice" | "none") {
  const waiting: [Deferred<PublishVerdict>, PublishVerdict][] = [];
  const accounted = new Map<string, { count: number; frames: string }>();
  const standing = (subject: string): StandingVerdict | StandingChoice | undefined => {
    if (stands === "none" || subject !== "work.a") return undefined;
    const isCurrent = (): boolean => true;
    const account = (count: number, frames: Uint8Array): void => addAccount(accounted, { subject, count, frames });
    const [even, third] = [
      { isCurrent, account },
      { isCurrent, account },
    ];
    const choose = ({ length }: Uint8Array): StandingVerdict | undefined =>
      length % 2 === 0 ? even : length % 3 === 0 ? third : undefined;
    return stands === "all" ? even : { isCurrent, choose };
  };
  const on = connected({
    payloadBytesMax: 200,
    // Room for CONNECT itself.
    controlLineBytesMax: 80,
    host: { standing },
    decide: (message) => {
      if (isPlainWorkA(message)) return { kind: "release" };
      const verdict = verdictFor(message);
      if (message.payload.length % 3 !== 1) return verdict;
      const later = deferred<PublishVerdict>();
      waiting.push([later, verdict]);
      return later.promise;
    },
  });
  for (const chunk of chunks) on.session.clientData(chunk);
  const early = on.upstream();
  // The last is settled first.
  for (const [later, verdict] of waiting.reverse()) later.resolve(verdict);
  await told();
  return {
    upstream: early + on.upstream(),
    early,
    client: on.client(),
    closed: on.closed,
    accounted,
    decided: on.decided,
  };
}

/** What the standing verdict covers is released without it too, so that both ways can be compared. */
function isPlainWorkA({
  subject,
  reply = "",
  headers = [],
}: Pick<SeenFrame, "subject" | "reply" | "headers">): boolean {
  return subject === "work.a" && reply === "" && headers.length === 0;
}

function addAccount(
  accounted: Map<string, { count: number; frames: string }>,
  { subject, count, frames }: { subject: string; count: number; frames: Uint8Array },
): void {
  const before = accounted.get(subject) ?? { count: 0, frames: "" };
  accounted.set(subject, {
    count: before.count + count,
    frames: before.frames + Buffer.from(frames).toString("latin1"),
  });
}

function verdictFor({ payload, subject }: Message): PublishVerdict {
  switch (payload.length % 5) {
    case 2:
      return DENIED;
    case 3:
      return { kind: "park" };
    case 4:
      return {
        kind: "release",
        message: { subject: "patched", reply: "", headers: [["Was", subject.length.toString()]], payload },
      };
    default:
      return { kind: "release" };
  }
}

describe("createProxySession", { timeout: 60_000 }, () => {
  it("has the same effects however the client's stream is cut and verdicts settle", async () => {
    await fc.assert(
      fc.asyncProperty(anyStream, places, fc.constantFrom("all", "choice", "none"), async (stream, at, stands) => {
        const bytes = toBytes(stream.replaceAll(/connect/gi, "ping"));
        const whole = await play([bytes], "none");
        for (const chunks of [[bytes], cut(bytes, at), bytewise(bytes)]) {
          const cutUp = await play(chunks, stands);
          expect(cutUp.upstream).toBe(whole.upstream);
          expect(cutUp.client).toBe(whole.client);
          expect(cutUp.closed).toEqual(whole.closed);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("writes upstream nothing but canonical frames of what was released", async () => {
    await fc.assert(
      fc.asyncProperty(anyStream, async (stream) => {
        const { upstream } = await play([toBytes(stream.replaceAll(/connect/gi, "ping"))], "choice");
        const { frames, canonical, fault } = parseChunks([toBytes(upstream)], {
          controlLineBytesMax: 4_096,
          payloadBytesMax: 1_000,
        });
        expect(fault).toBeUndefined();
        expect(canonical.map(({ bytes }) => bytes.toString("latin1")).join("")).toBe(upstream);
        for (const [i, { subject, payload = "", ...rest }] of frames.entries()) {
          if (subject === undefined) continue;
          expect(canonical[i]?.is).toBe(true);
          // `w.-*` is a literal: a wildcard is a whole token.
          expect(subject.split(".").filter((token) => !/^[!-~]+$/.test(token) || /^[*>]$/.test(token))).toEqual([]);
          const isRefusable = !isPlainWorkA({ subject, ...rest });
          expect(isRefusable && [2, 3].includes(payload.length % 5)).toBe(false);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("accounts for exactly the frames that it writes under a standing verdict", async () => {
    await fc.assert(
      fc.asyncProperty(legalStream, places, fc.constantFrom("all", "choice"), async (stream, at, stands) => {
        const bytes = toBytes(stream.replaceAll(/connect/gi, "ping"));
        const { upstream, accounted, decided } = await play(cut(bytes, at), stands);
        const { frames, canonical } = parseChunks([toBytes(upstream)]);
        // Behind something that waits, each is decided by itself.
        const decidedCount = decided.filter(isPlainWorkA).length;
        const written = frames.filter((frame, i) => canonical[i]?.is === true && isPlainWorkA(frame));
        const { count = 0, frames: counted = "" } = accounted.get("work.a") ?? {};
        expect(count + decidedCount).toBe(written.length);
        expect(parseChunks([toBytes(counted)]).frames).toHaveLength(count);
      }),
    );
  });

  it("accounts for runs byte for byte, whatever the cut", async () => {
    const body = fc.oneof(fc.constantFrom("x", "y", "PUB s.a 1"), fc.string({ unit: "grapheme-ascii", maxLength: 9 }));
    const frame = fc.tuple(fc.constantFrom("s.a", "s.b", "other"), body);
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { maxLength: 12 }), places, async (frames, at) => {
        const accounted: string[] = [];
        let count = 0;
        const writes: string[] = [];
        const on = connected({
          host: {
            standing: (subject) =>
              subject === "other"
                ? undefined
                : {
                    isCurrent: () => true,
                    account: (added, bytes) => {
                      count += added;
                      accounted.push(Buffer.from(bytes).toString());
                    },
                  },
            writeUpstream: (bytes) => {
              const text = Buffer.from(bytes).toString();
              writes.push(text);
            },
          },
        });
        writes.length = 0;
        const texts = frames.map(([subject, body]) => `PUB ${subject} ${body.length}\r\n${body}\r\n`);
        for (const chunk of cut(toBytes(texts.join("")), at)) on.session.clientData(chunk);
        await told();
        expect(writes.join("")).toBe(texts.join(""));
        const standing = texts.filter((text) => text.startsWith("PUB s."));
        expect(accounted.join("")).toBe(standing.join(""));
        expect(count).toBe(standing.length);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ["its payload doesn't end where it says", "PUB s.a 1\r\nxyz"],
    ["it ends in half a line end", "PUB s.a 1\r\nx\rz"],
    ["its line differs in the last byte", "PUB s.a 1\r\rx\r\n"],
    ["its subject differs", "PUB s.b 1\r\nx\r\n"],
    ["its size differs", "PUB s.a 2\r\nx\r\n"],
  ])("takes no frame for one like those before it when %s", (_what, odd) => {
    const alike = "PUB s.a 1\r\nx\r\n";
    let accounted = "";
    const account = (_count: number, bytes: Uint8Array): void => {
      accounted += Buffer.from(bytes).toString();
    };
    const standing = (subject: string) => (subject === "s.a" ? { isCurrent: () => true, account } : undefined);
    const on = connected({ host: { standing }, decide: () => DENIED });
    on.session.clientData(toBytes(alike.repeat(3) + odd + alike));
    expect(accounted).toBe(alike.repeat(odd.startsWith("PUB s.b") ? 4 : 3));
  });

  it("never throws, whatever client and server send", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), anyStream)), (chunks) => {
        const on = record({ decide: verdictFor });
        on.fromServer(INFO);
        on.fromClient(CONNECT);
        for (const [isClient, bytes] of chunks) {
          const send = (): void => (isClient ? on.fromClient(bytes) : on.fromServer(bytes));
          expect(send).not.toThrow();
        }
      }),
    );
  });

  it("puts its own bytes between two frames of the server and changes none of them", () => {
    const frame = fc
      .tuple(
        fc.constantFrom("MSG x 5 ", "MSG x 5 _INBOX.1 ", "HMSG x 5 12 "),
        fc.string({ maxLength: 30 }),
        fc.boolean(),
      )
      .map(([head, text, isMessage]) => {
        const body = head.startsWith("HMSG") ? `NATS/1.0\r\n\r\n${text}` : text;
        return isMessage
          ? `${head}${Buffer.byteLength(body)}\r\n${Buffer.from(body).toString("latin1")}\r\n`
          : "PING\r\n";
      });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 6 }), places, fc.nat(3), (frames, at, every) => {
        const on = connected({ decide: () => DENIED });
        on.fromClient("SUB r 77\r\n");
        const server = frames.join("");
        for (const [i, chunk] of cut(toBytes(server), at).entries()) {
          on.session.upstreamData(chunk);
          if (i % (every + 1) === 0) on.fromClient("PUB a.b r 0\r\n\r\n");
        }
        const parts = splitServerFrames(on.client());
        const isOurs = (part: string): boolean => part.startsWith("-ERR") || part.startsWith("HMSG r 77 ");
        expect(parts.filter((part) => !isOurs(part)).join("")).toBe(server);
        expect(parts.filter(isOurs)).toHaveLength(on.decided.length * 2);
      }),
      { numRuns: 1_000 },
    );
  });
});

function splitServerFrames(stream: string): string[] {
  const parser = createServerFrameParser();
  const parts: string[] = [];
  parser.feed(toBytes(stream));
  for (let frame = parser.next(); frame !== undefined; frame = parser.next()) {
    parts.push(frame.bytes.toString("latin1", frame.start, frame.end));
  }
  expect(parser.fault).toBeUndefined();
  return parts;
}
