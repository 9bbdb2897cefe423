import type { Hold } from "@cortexos/kernel";

/** A hold with what it takes up. */
export interface Parked {
  readonly hold: Hold;
  readonly bytes: number;
  readonly expiresAtNs: bigint;
}

/** Most of what a shelf keeps. */
export interface ShelfBounds {
  readonly countMax: number;
  readonly bytesMax: number;
  readonly perRequesterMax: number;
}

/** Holds by id in order of arrival, counted by requester and in bytes. */
export interface HoldShelf {
  hasRoom(hold: Hold, bytes: number): boolean;
  add(parked: Parked): void;
  /** Puts another state of the same hold in its place. */
  replace(parked: Parked, hold: Hold): void;
  remove(parked: Parked): void;
  get(id: string): Parked | undefined;
  all(): Iterable<Parked>;
  count(): number;
  bytes(): number;
}

/** Creates an empty shelf. */
export function createHoldShelf({ countMax, bytesMax, perRequesterMax }: ShelfBounds): HoldShelf {
  const parkedById = new Map<string, Parked>();
  const countByRequester = new Map<string, number>();
  let bytes = 0;
  const account = (parked: Parked, by: 1 | -1): void => {
    const key = requesterKey(parked.hold);
    const count = (countByRequester.get(key) ?? 0) + by;
    if (count === 0) countByRequester.delete(key);
    else countByRequester.set(key, count);
    bytes += by * parked.bytes;
  };
  return {
    hasRoom: (hold, holdBytes) =>
      parkedById.size < countMax &&
      bytes + holdBytes <= bytesMax &&
      (countByRequester.get(requesterKey(hold)) ?? 0) < perRequesterMax,
    add(parked) {
      parkedById.set(parked.hold.id, parked);
      account(parked, 1);
    },
    replace: (parked, hold) => void parkedById.set(hold.id, { ...parked, hold }),
    remove(parked) {
      if (parkedById.delete(parked.hold.id)) account(parked, -1);
    },
    get: (id) => parkedById.get(id),
    all: () => parkedById.values(),
    count: () => parkedById.size,
    bytes: () => bytes,
  };
}

/** Bytes of a hold: its frame, and its input and decision as JSON. */
export function holdBytes({ decision, input, message }: Hold): number {
  const headerBytes = message.headers.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
  const frameBytes = message.subject.length + message.reply.length + headerBytes + message.payload.length;
  return frameBytes + Buffer.byteLength(JSON.stringify(input)) + Buffer.byteLength(JSON.stringify(decision));
}

function requesterKey({ requester }: Hold): string {
  return JSON.stringify([requester.tenant, requester.id]);
}
