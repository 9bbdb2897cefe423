import type { ProxySession } from "@cortexos/wire";
import { Duplex } from "node:stream";
import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { LIMITS, type SidecarLimits } from "../config/limits.ts";
import { createFakeClock } from "./fake-clock.test.support.ts";
import { joinSockets } from "./join-sockets.ts";
import { createKeptBytes } from "./kept-bytes.ts";
import { paceSides } from "./sides.ts";
import { createTurns } from "./turns.ts";

/** A socket on which things arrive when the test says so. */
class FakeSocket extends Duplex {
  override _read(): void {
    // Nothing comes by itself.
  }

  override _write(_chunk: Buffer, _encoding: string, done: () => void): void {
    done();
  }

  arrive(text: string): void {
    this.emit("data", Buffer.from(text));
  }
}

function create() {
  const clock = createFakeClock();
  const [client, upstream] = [new FakeSocket(), new FakeSocket()];
  const seen: string[] = [];
  const state = { incomplete: 0, kept: 0, restMs: 0 };
  const session: ProxySession = {
    clientData: (chunk) => void seen.push(`client ${Buffer.from(chunk).toString()}`),
    upstreamData: (chunk) => void seen.push(`upstream ${Buffer.from(chunk).toString()}`),
    clientEnd: () => void seen.push("client end"),
    upstreamEnd: () => void seen.push("upstream end"),
    incompleteFrame: () => state.incomplete,
    keptBytes: () => state.kept,
    frameLate: () => void seen.push(`late ${clock.nowMs()}`),
    refuseLater: () => false,
    publishLater: () => false,
  };
  const limits: SidecarLimits = {
    ...(Object.fromEntries(Object.entries(LIMITS).map(([name, bound]) => [name, bound.default])) as SidecarLimits),
    frameMs: 100,
  };
  const ends = { client: client as unknown as Socket, upstream: upstream as unknown as Socket };
  const sides = paceSides(ends, { clock, stallMs: 1_000, stalled: () => undefined });
  const rounds: (() => void)[] = [];
  const joined = joinSockets(
    { ...ends, id: "", identify: () => undefined, leg: undefined as never },
    {
      clock,
      limits,
      turns: createTurns({ clock, turnMs: 1, later: (act) => rounds.push(act) }),
      kept: createKeptBytes(1_000),
      rate: { operated: () => undefined, refused: () => undefined, restMs: () => state.restMs },
      session,
      sides,
      giveUp: ({ code }) => void seen.push(code),
    },
  );
  const round = (): void => {
    for (const act of rounds.splice(0)) act();
  };
  return { clock, client, upstream, seen, state, sides, joined, round };
}

describe("joinSockets", () => {
  it("hands over what comes from both sides, and their ends", () => {
    const on = create();
    on.client.arrive("a");
    on.upstream.arrive("b");
    on.client.emit("end");
    on.upstream.emit("close");
    on.upstream.emit("error", new Error("reset"));
    expect(on.seen).toEqual(["client a", "upstream b", "client end", "upstream end"]);
  });

  it("gives a frame its time, in which its client isn't read not counted", () => {
    const on = create();
    on.state.incomplete = 1;
    on.client.arrive("PU");
    on.clock.pass(60);
    on.sides.client.reading.set("peer", true);
    on.clock.pass(1_000);
    on.sides.client.reading.set("peer", false);
    expect(on.seen).toEqual(["client PU"]);
    on.clock.pass(52);
    expect(on.seen).toEqual(["client PU", `late ${60 + 1_000 + 40}`]);
  });

  it("gives the next frame its own time", () => {
    const on = create();
    for (let i = 1; i <= 5; i++) {
      on.state.incomplete = i;
      on.client.arrive("x");
      on.clock.pass(90);
    }
    on.state.incomplete = 0;
    on.client.arrive("x");
    on.clock.pass(1_000);
    expect(on.seen.filter((one) => one.startsWith("late"))).toEqual([]);
  });

  it("gives up who keeps too much, seen from either side", () => {
    for (const side of ["client", "upstream"] as const) {
      const on = create();
      on.state.kept = 1_000;
      on[side].arrive("x");
      expect(on.seen).not.toContain("connection.memory");
      on.state.kept = 1_001;
      on[side].arrive("x");
      expect(on.seen).toContain("connection.memory");
    }
  });

  it("counts what was read and waits for its turn", () => {
    const on = create();
    on.state.restMs = 30;
    on.client.arrive("x".repeat(1_001));
    on.upstream.arrive("y");
    expect(on.seen).toContain("connection.memory");
  });

  it("reads a client that has to rest no more, and then on", () => {
    const on = create();
    on.state.restMs = 30;
    on.client.arrive("a");
    expect([on.seen, on.sides.client.reading.isPaused()]).toEqual([[], true]);
    on.upstream.arrive("b");
    on.state.restMs = 0;
    on.clock.pass(30);
    on.round();
    expect(on.seen).toEqual(["upstream b", "client a"]);
    expect(on.sides.client.reading.isPaused()).toBe(false);
  });

  it("lets go of everything at its end", () => {
    const on = create();
    on.state.incomplete = 1;
    on.client.arrive("a");
    on.joined.end();
    on.state.kept = 5_000;
    on.client.arrive("b");
    on.upstream.arrive("c");
    on.client.emit("close");
    expect(on.clock.timerCount()).toBe(0);
    expect(on.seen).toEqual(["client a"]);
  });
});
