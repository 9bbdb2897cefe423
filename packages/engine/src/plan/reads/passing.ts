import { readsOf, statementsOf } from "../compile/statement-locals.ts";
import type { Block, Statement } from "../ir/statement.ts";

/**
 * True when the `Dot` at `index` only leads to a `Dot` below what it found: both end the same block when there is nothing, with
 * nothing done in between, so that whether the first one found something makes no difference of its own.
 */
export function isOnlyPassedThrough(block: Block, index: number, blocks: readonly Block[]): boolean {
  const first = block[index];
  if (first?.kind !== "Dot") return false;
  const aliases = new Set([first.target]);
  for (const statement of block.slice(index + 1)) {
    if (statement.kind === "Dot" && statement.source.type === "local" && aliases.has(statement.source.local)) {
      return statement.key.type === "string" && isConfined(aliases, block.slice(index + 1), blocks);
    }
    if (statement.kind === "AssignVar") {
      if (statement.source.type === "local" && aliases.has(statement.source.local)) aliases.add(statement.target);
    } else if (!HARMLESS.has(statement.kind)) return false;
  }
  return false;
}

/** Neither end the block nor leave anything but a constant in a local. */
const HARMLESS: ReadonlySet<Statement["kind"]> = new Set([
  "Nop",
  "ResetLocal",
  "MakeNull",
  "MakeNumberInt",
  "MakeNumberRef",
  "MakeArray",
  "MakeObject",
  "MakeSet",
]);

/** Whether the locals are read only in `rest`, which runs only when both lookups have found something. */
function isConfined(locals: ReadonlySet<number>, rest: Block, blocks: readonly Block[]): boolean {
  const [here, everywhere] = [countReads([rest]), readCounts(blocks)];
  for (const local of locals) if ((here.get(local) ?? 0) !== (everywhere.get(local) ?? 0)) return false;
  return true;
}

const counted = new WeakMap<readonly Block[], ReadonlyMap<number, number>>();

/** Reads of each local in a whole function; counted once. */
function readCounts(blocks: readonly Block[]): ReadonlyMap<number, number> {
  const known = counted.get(blocks);
  if (known !== undefined) return known;
  const counts = countReads(blocks);
  counted.set(blocks, counts);
  return counts;
}

function countReads(blocks: readonly Block[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const statement of statementsOf(blocks)) {
    for (const local of readsOf(statement)) counts.set(local, (counts.get(local) ?? 0) + 1);
  }
  return counts;
}
