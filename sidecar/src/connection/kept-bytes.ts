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
  /** As last counted. */
  total(): number;
}

/** Above `bytesMax` whoever keeps most is shed, until it is enough. */
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
    while (total > bytesMax) {
      const [largest] = [...counted].reduce((most, one) => (one[1] > most[1] ? one : most));
      total -= counted.get(largest) ?? 0;
      counted.delete(largest);
      largest.shed();
    }
  }
}
