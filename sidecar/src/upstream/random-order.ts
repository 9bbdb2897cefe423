import { randomInt } from "node:crypto";

/** The same items in an order that nobody chose, so that many sidecars with one list don't all begin with its first server. */
export function randomOrder<Item>(items: readonly Item[]): readonly Item[] {
  const left = [...items];
  const ordered: Item[] = [];
  while (left.length > 0) ordered.push(...left.splice(randomInt(left.length), 1));
  return ordered;
}
