import { describe, expect, it } from "vitest";
import { createFakeClock } from "./fake-clock.test.support.ts";
import { createPhases, type Phases } from "./phases.ts";

function begin() {
  const clock = createFakeClock();
  const late: string[] = [];
  const limits = { upstreamConnectMs: 10, clientConnectMs: 20, clientFirstMs: 30 };
  const phases = createPhases({ clock, limits, late: (phase) => late.push(`${phase} ${clock.nowMs()}`) });
  return { clock, late, phases };
}

const greeted = (phases: Phases): void => {
  phases.greeted();
};
const connected = (phases: Phases): void => {
  phases.greeted();
  phases.connected();
  // Its CONNECT went upstream.
  phases.acted();
};

describe("createPhases", () => {
  it.each<[string, (phases: Phases) => void, string]>([
    ["a server that doesn't greet", () => undefined, "upstream_info 15"],
    ["a client that doesn't connect", greeted, "client_connect 25"],
    ["a client that connects and does nothing", connected, "client_first 35"],
  ])("gives %s its time and no more", (_, reach, told) => {
    const { clock, late, phases } = begin();
    clock.pass(5);
    reach(phases);
    // The first phase began with the connection.
    const expected = told.replace("upstream_info 15", "upstream_info 10");
    clock.pass(1_000);
    expect(late).toEqual([expected]);
    expect(clock.timerCount()).toBe(0);
  });

  it("lets a client that did something be silent for as long as it likes", () => {
    const { clock, late, phases } = begin();
    connected(phases);
    phases.acted();
    clock.pass(100_000);
    expect([late, clock.timerCount()]).toEqual([[], 0]);
  });

  it("gives no new time for another INFO", () => {
    const { clock, late, phases } = begin();
    phases.greeted();
    clock.pass(15);
    phases.greeted();
    clock.pass(5);
    expect(late).toEqual(["client_connect 20"]);
    phases.greeted();
    phases.connected();
    clock.pass(1_000);
    expect(late).toHaveLength(1);
  });

  it("tells nothing after its end", () => {
    const { clock, late, phases } = begin();
    phases.end();
    phases.greeted();
    phases.connected();
    clock.pass(1_000);
    expect(late).toEqual([]);
  });
});
