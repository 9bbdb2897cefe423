/** Something that keeps bytes for a peer. */
export interface Keeper {
  keptBytes(): number;
  /** Lets go of everything: it keeps most of all, and all together keep too much. */
  shed(): void;
}

/** One keeper's place among all. */
export interface KeptPlace {
  /** Counts anew what this one keeps; to be called when that may have grown. */
  look(): void;
  leave(): void;
}

/** What all connections keep in memory, bounded together: bounds of each alone would multiply with their number. */
export interface KeptBytes {
  join(keeper: Keeper): KeptPlace;
  /** Counts all anew: a socket that isn't read fills by itself, and empties without a word. */
  readonly lookAtAll: () => void;
  /** As last counted. */
  total(): number;
}

/** Part of the bound that is free again afterwards: looking through all is dear, and must not be done for every chunk. */
const FREED_PART = 1 / 8;

/** Above `bytesMax` whoever keeps most is shed, until an eighth of it is free. */
export function createKeptBytes(bytesMax: number): KeptBytes {
  const counted = new Map<Keeper, number>();
  let total = 0;
  return {
    join: (keeper) => {
      counted.set(keeper, 0);
      return {
        look: () => {
          count(keeper);
          if (total > bytesMax) shed();
        },
        leave: () => {
          total -= counted.get(keeper) ?? 0;
          counted.delete(keeper);
        },
      };
    },
    lookAtAll: shed,
    total: () => total,
  };

  function count(keeper: Keeper): void {
    const before = counted.get(keeper);
    if (before === undefined) return;
    const now = keeper.keptBytes();
    if (now === before) return;
    total += now - before;
    counted.set(keeper, now);
  }

  function shed(): void {
    // What was sent meanwhile isn't kept any more.
    for (const keeper of counted.keys()) count(keeper);
    if (total <= bytesMax) return;
    const enough = bytesMax * (1 - FREED_PART);
    for (const [keeper, bytes] of [...counted].sort(([, a], [, b]) => b - a)) {
      if (total <= enough) return;
      total -= bytes;
      counted.delete(keeper);
      keeper.shed();
    }
  }
}
