import type { Block, Statement } from "../ir/statement.ts";
import { DYNAMIC_UNDEFINED_BREAK } from "./interpret-statement.ts";
import { readsOf, writesOf } from "./statement-locals.ts";

/** Locals certainly assigned; undefined where nothing gets to. */
type State = ReadonlySet<number> | undefined;

/** How a block is left: by reaching its end, or by leaving it and `index` blocks more. */
interface Flow {
  readonly end: State;
  readonly exits: readonly State[];
}

/** Locals that some block may read before it has assigned them, on whatever way through it. */
export function exposedLocals(blocks: readonly Block[]): ReadonlySet<number> {
  const exposed = new Set<number>();
  for (const block of blocks) flowOf(block, new Set(), exposed);
  return exposed;
}

function flowOf(block: Block, start: State, exposed: Set<number>): Flow {
  let state = start === undefined ? undefined : new Set(start);
  const exits: State[] = [];
  const leave = (level: number, at: State): void => {
    exits[level] = meet(exits[level], at);
  };
  for (const statement of block) {
    if (state === undefined) break;
    for (const local of readsOf(statement)) if (!state.has(local)) exposed.add(local);
    state = step(statement, state, { exposed, leave });
  }
  return { end: state, exits };
}

interface Step {
  readonly exposed: Set<number>;
  readonly leave: (level: number, state: State) => void;
}

/** The state behind a statement; on the way, notes how the statement may leave the block. */
function step(s: Statement, state: Set<number>, { exposed, leave }: Step): Set<number> | undefined {
  switch (s.kind) {
    case "Break":
      leave(s.index, state);
      return undefined;
    case "ReturnLocal":
      return undefined;
    case "Block":
      return stepBlocks(s.blocks, state, { exposed, leave });
    case "Scan": {
      const flow = flowOf(s.block, add(new Set(state), writesOf(s)), exposed);
      for (const [level, at] of flow.exits.entries()) if (level > 1) leave(level - 2, at);
      return state;
    }
    case "Not":
    case "With": {
      const flow = flowOf(s.block, add(new Set(state), writesOf(s)), exposed);
      for (const [level, at] of flow.exits.entries()) if (level > 0) leave(level - 1, at);
      leave(0, state);
      return state;
    }
    case "CallDynamic":
      leave(DYNAMIC_UNDEFINED_BREAK, state);
      leave(0, state);
      return add(state, writesOf(s));
    default:
      if (MAY_BE_UNDEFINED.has(s.kind)) leave(0, state);
      return add(state, writesOf(s));
  }
}

function stepBlocks(blocks: readonly Block[], state: Set<number>, { exposed, leave }: Step): Set<number> | undefined {
  let after: State = state;
  for (const block of blocks) {
    const flow = flowOf(block, after, exposed);
    after = meet(flow.end, flow.exits[0]);
    for (const [level, at] of flow.exits.entries()) if (level > 0) leave(level - 1, at);
  }
  return after === undefined ? undefined : new Set(after);
}

const MAY_BE_UNDEFINED: ReadonlySet<Statement["kind"]> = new Set([
  "Call",
  "Dot",
  "Equal",
  "NotEqual",
  "IsArray",
  "IsObject",
  "IsSet",
  "IsDefined",
  "IsUndefined",
]);

/** What is assigned on both ways; a set of its own. */
function meet(a: State, b: State): State {
  if (a === undefined) return b === undefined ? undefined : new Set(b);
  if (b === undefined) return a;
  // Along a straight way sets only grow, so that the first one mostly stands.
  for (const local of a) if (!b.has(local)) return new Set([...a].filter((other) => b.has(other)));
  return a;
}

function add(state: Set<number>, locals: readonly number[]): Set<number> {
  for (const local of locals) state.add(local);
  return state;
}
