/** Entries kept by a cache of compiled patterns. */
const PATTERN_CACHE_COUNT_MAX = 1_000;

/** Remembers what was made for a key; forgets the oldest when full, since keys may come from outside. */
export function boundedCache<T>(make: (key: string) => T): (key: string) => T {
  const entries = new Map<string, T>();
  return (key) => {
    const known = entries.get(key);
    if (known !== undefined) return known;
    const made = make(key);
    if (entries.size >= PATTERN_CACHE_COUNT_MAX) for (const oldest of entries.keys()) if (entries.delete(oldest)) break;
    entries.set(key, made);
    return made;
  };
}
