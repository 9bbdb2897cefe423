import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** When something is killed: as these bytes pass for the nth time, before or after they are passed on. */
export interface Cut {
  readonly pattern: string;
  readonly direction: "up" | "down";
  readonly when: "before" | "after";
  readonly nth: number;
  /** Kills; called once, in the middle of everything. */
  readonly kill: () => void;
}

/** A byte pipe that kills somebody at a step boundary. */
export interface CuttingProxy {
  readonly port: number;
  /** Resolves when it has killed. */
  arm(cut: Cut): Promise<void>;
  close(): Promise<void>;
}

/** Listens on a free loopback port and pipes every connection to the port. */
export async function startCuttingProxy(targetPort: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let armed: (Cut & { left: number; readonly done: () => void }) | undefined;

  function pipe(from: Socket, to: Socket, direction: Cut["direction"]): void {
    let tail = "";
    from.on("data", (chunk: Buffer) => {
      const cut = armed;
      if (cut?.direction !== direction) {
        to.write(chunk);
        return;
      }
      // A pattern may lie across two chunks.
      const text = tail + chunk.toString("latin1");
      tail = text.slice(-(cut.pattern.length - 1));
      cut.left -= text.split(cut.pattern).length - 1;
      if (cut.left > 0) {
        to.write(chunk);
        return;
      }
      armed = undefined;
      const trip = (): void => {
        cut.kill();
        for (const socket of sockets) socket.destroy();
        cut.done();
      };
      if (cut.when === "before") trip();
      // What the system has taken, the other side gets, whoever dies now.
      else to.write(chunk, trip);
    });
    from.on("error", () => to.destroy());
    from.on("close", () => to.destroy());
  }

  const server = createServer((client) => {
    const target = connect(targetPort, "127.0.0.1");
    for (const socket of [client, target]) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    }
    pipe(client, target, "up");
    pipe(target, client, "down");
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    port: (server.address() as AddressInfo).port,
    arm: async (cut) =>
      new Promise((done) => {
        armed = { ...cut, left: cut.nth, done };
      }),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((closed) => {
        server.close(() => {
          closed();
        });
      });
    },
  };
}
