import { DATA_LOCAL, INPUT_LOCAL, type EntryPlan, type PlanFunction } from "../ir/statement.ts";
import { dataReferences } from "./local-use.ts";
import { spend } from "../run/meter.ts";
import type { Value } from "../values/value.ts";
import { interpretBlocks } from "./interpret-statement.ts";
import { RETURN, type Frame, type InterpretContext } from "./step.ts";
import type { Linked, Program } from "./program.ts";

type Call = (args: Frame) => Value | undefined;

/** The plan as closures, for where code can't be generated. Same tree, same answers. */
export function interpretProgram(linked: Linked): Program {
  const calls: Call[] = [];
  const context: InterpretContext = {
    ...linked,
    functions: new Map(linked.plan.functions.map((func, index) => [func.name, index])),
    dataReferences: new Set(
      [
        ...linked.plan.plans.map(({ blocks }) => ({ blocks, params: [INPUT_LOCAL, DATA_LOCAL] })),
        ...linked.plan.functions,
      ].flatMap(({ blocks, params }) => [...dataReferences(blocks, params[1])]),
    ),
    call: (index, args) => calls[index]?.(args),
  };
  for (const func of linked.plan.functions) calls.push(interpretFunction(func, context));
  const entries = linked.plan.plans.map((entry) => interpretEntry(entry, context));
  return {
    run: (entry, input) => {
      entries[entry]?.([input, linked.data]);
      return linked.state.results;
    },
  };
}

function interpretEntry(entry: EntryPlan, context: InterpretContext): Call {
  const body = interpretBlocks(entry.blocks, context);
  return (frame) => {
    body(frame);
    return undefined;
  };
}

function interpretFunction(func: PlanFunction, context: InterpretContext): Call {
  const body = interpretBlocks(func.blocks, context);
  const { state } = context;
  const isMemoised = func.params.length === 2;
  let generation = 0;
  let memo: Value | undefined;
  return (args) => {
    if (isMemoised && generation === state.generation) return memo;
    spend(1);
    const frame: Frame = [];
    for (const [position, local] of func.params.entries()) frame[local] = args[position];
    const entered = state.generation;
    const result = body(frame) === RETURN ? state.returned : undefined;
    if (isMemoised) {
      generation = entered;
      memo = result;
    }
    return result;
  };
}
