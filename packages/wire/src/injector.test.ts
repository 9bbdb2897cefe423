import { Buffer } from "node:buffer";
import { beforeEach, describe, expect, it } from "vitest";
import { createInjector, type Injector } from "./injector.ts";
import { createPingQueue, type PingQueue } from "./ping-queue.ts";

describe("createInjector", () => {
  let pings: PingQueue;
  let written: string[];
  let asked: number;
  let injector: Injector;
  beforeEach(() => {
    pings = createPingQueue();
    written = [];
    asked = 0;
    injector = createInjector({
      pings,
      ping: (arrived) => {
        asked++;
        pings.ownPing(arrived);
      },
      write: (bytes) => void written.push(Buffer.from(bytes).toString()),
    });
  });

  const push = (text: string): void => {
    injector.push(Buffer.from(text));
  };
  /** The server's next PONG. */
  const pong = (): void => {
    const arrived = pings.pong();
    if (arrived === undefined) injector.pongPassed();
    else arrived();
    injector.flush();
  };

  it("gives out at once, in order, when the client's PONG has passed", () => {
    pings.clientPing();
    pong();
    push("a");
    push("bc");
    expect([injector.isWaiting, injector.waitingBytes]).toEqual([true, 3]);
    injector.flush();
    expect(written).toEqual(["a", "bc"]);
    expect([injector.isWaiting, injector.waitingBytes]).toEqual([false, 0]);
    injector.flush();
    expect([written.length, asked]).toEqual([2, 0]);
  });

  it("waits for the PONG of a client that has sent its PING, and asks nothing", () => {
    pings.clientPing();
    push("a");
    injector.flush();
    expect([written, asked, injector.waitingBytes]).toEqual([[], 0, 1]);
    pong();
    expect(written).toEqual(["a"]);
  });

  it("asks once whether a client that has sent no PING is about to, and gives out when it isn't", () => {
    push("a");
    push("b");
    expect(asked).toBe(1);
    injector.flush();
    expect(written).toEqual([]);
    pong();
    expect(written).toEqual(["a", "b"]);
    push("c");
    injector.flush();
    expect([written, asked]).toEqual([["a", "b", "c"], 1]);
  });

  it("waits on when the client sent its PING meanwhile", () => {
    push("a");
    pings.clientPing();
    pong();
    expect([written, asked]).toEqual([[], 1]);
    push("b");
    expect(asked).toBe(1);
    pong();
    expect(written).toEqual(["a", "b"]);
  });

  it("asks again when the last answer left it open", () => {
    push("a");
    pings.clientPing();
    // Ours, while the client's is on its way.
    pong();
    // The client's own is answered, but not seen: as if it had gone.
    pings.pong();
    push("b");
    expect(asked).toBe(2);
    pong();
    expect(written).toEqual(["a", "b"]);
  });

  it("gives an operation's answer its own place, before the first PONG too", () => {
    pings.clientPing();
    injector.pushInOrder(Buffer.from("-ERR"));
    expect([injector.waitingBytes, injector.isWaiting, asked]).toEqual([4, false, 1]);
    pings.pong();
    expect(written).toEqual([]);
    pong();
    expect(written).toEqual(["-ERR"]);
    expect(injector.waitingBytes).toBe(0);
  });
});
