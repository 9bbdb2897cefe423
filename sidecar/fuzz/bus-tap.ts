import type { Delivery } from "./server-frames.ts";
import { openWireSocket } from "./wire-socket.ts";

/** A subscriber to everything behind the bus, at the level of bytes: a client library would already refuse some of what a server delivers. */
export interface BusTap {
  /** All that the server took before this call and since the last one: a message of our own comes after it. */
  takeDelivered(): Promise<readonly Delivery[]>;
  close(): void;
}

export async function openBusTap(port: number): Promise<BusTap> {
  const socket = await openWireSocket(port);
  socket.write('CONNECT {"verbose":false,"headers":true,"name":"tap"}\r\nSUB > 1\r\nPING\r\n');
  await socket.until(() => socket.frames.some(({ op }) => op === "PONG"), "the tap's PONG");
  let fenceCount = 0;
  return {
    takeDelivered: async () => {
      const fence = `_FENCE.${++fenceCount}`;
      socket.write(`PUB ${fence} 0\r\n\r\n`);
      const delivered = (): Delivery[] => socket.frames.filter((frame) => frame.op === "MSG");
      await socket.until(() => delivered().at(-1)?.subject === fence, `the fence ${fence}`);
      const taken = delivered().slice(0, -1);
      if (socket.frames.some(({ op }) => op === "PING")) socket.write("PONG\r\n");
      socket.forget();
      return taken;
    },
    close: () => {
      socket.end();
    },
  };
}
