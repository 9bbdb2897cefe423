import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deadlineClock } from "./deadline-clock.ts";

describe("deadlineClock", () => {
  const server = createServer();
  let reader: Socket;
  let writer: Socket;
  beforeAll(async () => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    writer = connect(typeof address === "object" && address !== null ? address.port : 0, "127.0.0.1");
    [reader] = (await once(server, "connection")) as [Socket];
  });
  afterAll(() => {
    writer.destroy();
    reader.destroy();
    server.close();
  });

  it("lets what has arrived be read before a deadline that is late itself", async () => {
    const seen: string[] = [];
    reader.on("data", (chunk: Buffer) => seen.push(chunk.toString()));
    await new Promise<void>((done) => {
      deadlineClock.after(1, () => {
        seen.push("late");
        done();
      });
      writer.write("in time");
      // The process is held up until the timer is due.
      for (const endMs = deadlineClock.nowMs() + 20; deadlineClock.nowMs() < endMs;);
    });
    expect(seen).toEqual(["in time", "late"]);
  });

  it("takes a timer back before it fires, and after it", async () => {
    let firedCount = 0;
    const fire = (): void => {
      firedCount++;
    };
    deadlineClock.after(0, fire)();
    const takeBack = deadlineClock.after(1, fire);
    await new Promise<void>((done) => {
      // Both are due when the timers are looked at next; what the first leaves for later hasn't run when the second does.
      setTimeout(() => {
        takeBack();
        setImmediate(done);
      }, 1);
      for (const endMs = deadlineClock.nowMs() + 10; deadlineClock.nowMs() < endMs;);
    });
    expect(firedCount).toBe(0);
  });
});
