import { setImmediate as nextTurn } from "node:timers/promises";
import type { Side } from "./fuzz-rig.ts";
import type { Delivery, ServerFrame } from "./server-frames.ts";
import { openWireSocket, type WireSocket } from "./wire-socket.ts";

/** When a client has seen what it waits for. The other side's close is always an ending. */
export type Ending =
  | { readonly kind: "closed" }
  /** So many PONGs have come. */
  | { readonly kind: "pongs"; readonly count: number }
  /** So many frames have come, INFO and PING aside. */
  | { readonly kind: "frames"; readonly count: number }
  | { readonly kind: "now" };

/** What became of a stream. */
export interface Outcome {
  /** What the client saw: INFO and PING aside, which come when the server pleases. */
  readonly seen: readonly ServerFrame[];
  readonly infos: readonly string[];
  /** The other side closed before the client did. */
  readonly isClosed: boolean;
  /** What a subscriber to everything behind the bus received. */
  readonly delivered: readonly Delivery[];
  readonly violations: readonly string[];
}

/** Sends a stream in pieces, waits for its ending and then until the server has read all of it. */
export async function runStream(side: Side, chunks: readonly string[], ending: Ending): Promise<Outcome> {
  const socket = await openWireSocket(side.port);
  for (const chunk of chunks) {
    socket.write(chunk);
    await nextTurn();
  }
  await socket.until(() => socket.isClosed() || isReached(socket, ending), `its ending: ${JSON.stringify(ending)}`);
  const isClosed = socket.isClosed();
  socket.end();
  await socket.until(() => socket.isClosed(), "the end of the connection");
  await side.quiet();
  return {
    seen: answers(socket),
    infos: socket.frames.flatMap((frame) => (frame.op === "INFO" ? [frame.json] : [])),
    isClosed,
    delivered: await side.tap.takeDelivered(),
    violations: side.takeViolations(),
  };
}

function isReached(socket: WireSocket, ending: Ending): boolean {
  switch (ending.kind) {
    case "closed":
      return false;
    case "pongs":
      return socket.frames.filter(({ op }) => op === "PONG").length >= ending.count;
    case "frames":
      return answers(socket).length >= ending.count;
    case "now":
      return true;
  }
}

function answers(socket: WireSocket): readonly ServerFrame[] {
  return socket.frames.filter(({ op }) => op !== "INFO" && op !== "PING");
}
