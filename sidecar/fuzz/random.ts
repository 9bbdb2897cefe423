/** Numbers that look random and are the same again for the same seed. */
export interface Random {
  /** A whole number from 0 up to, but without, `below`. */
  int(below: number): number;
  /** True in so many of a hundred cases. */
  percent(likely: number): boolean;
  /** One of the list, which is not empty. */
  pick<T>(list: readonly [T, ...T[]]): T;
  /** What `make` gives, up to `most` times. */
  several<T>(most: number, make: () => T): T[];
}

/** Mulberry32: 32 bits of state, good enough to choose test cases. */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const int = (below: number): number => Math.floor(next() * below);
  return {
    int,
    percent: (likely) => int(100) < likely,
    pick: (list) => list[int(list.length)] ?? list[0],
    several: (most, make) => Array.from({ length: int(most + 1) }, make),
  };
}
