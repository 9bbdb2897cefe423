import { nestedBlocks, readsOf } from "../compile/statement-locals.ts";
import { renameLocals } from "../compile/rename-locals.ts";
import { parsePlan } from "../ir/parse-plan.ts";
import {
  DATA_LOCAL,
  INPUT_LOCAL,
  type Block,
  type Operand,
  type Plan,
  type PlanFunction,
  type Statement,
} from "../ir/statement.ts";
import { PlanError } from "../plan-error.ts";
import { childPointer, minimalPointers, type Pointer } from "./access-path.ts";
import { isOnlyPassedThrough } from "./passing.ts";

/** What an entrypoint's result depends on besides plan and data. */
export interface PlanReads {
  /** RFC 6901 pointers of the parts of the input that can influence the result, sorted, none below another; `[""]` is everything. */
  readonly pointers: readonly Pointer[];
  /** The result depends on the time of the evaluation. */
  readonly usesClock: boolean;
  /** Two evaluations of the same input, data and time can differ. */
  readonly isImpure: boolean;
}

/**
 * Derives soundly which parts of the input an entrypoint can read: for two inputs that agree on all of them, the result is the
 * same. An abstract interpretation in which a local stands for the places of the input that it may hold.
 *
 * @param plan - contents of `plan.json`
 * @throws PlanError `plan.invalid`, `plan.entrypoint`
 */
export function deriveReads(plan: unknown, entrypoint: string): PlanReads {
  return readsOfPlan(parsePlan(plan), entrypoint);
}

/** {@link deriveReads} of a plan already parsed. */
export function readsOfPlan(plan: Plan, entrypoint: string): PlanReads {
  const entry = plan.plans.find(({ name }) => name === entrypoint);
  if (entry === undefined) throw new PlanError("plan.entrypoint", `no such entrypoint: ${entrypoint}`);
  const analysis = new ReadAnalysis(plan);
  analysis.run(entry.blocks);
  return {
    pointers: minimalPointers(analysis.read),
    usesClock: analysis.builtins.some((name) => CLOCK_BUILTINS.has(name)),
    isImpure: analysis.builtins.some((name) => IMPURE_BUILTINS.has(name)),
  };
}

/** Ask for the time, if only when a constraint leaves it out. */
const CLOCK_BUILTINS = new Set([
  "time.now_ns",
  "io.jwt.decode_verify",
  "crypto.x509.parse_and_verify_certificates",
  "crypto.x509.parse_and_verify_certificates_with_options",
]);

const IMPURE_BUILTINS = new Set([
  "http.send",
  "io.jwt.encode_sign",
  "io.jwt.encode_sign_raw",
  "net.lookup_ip_addr",
  "opa.runtime",
  "rand.intn",
  "uuid.rfc4122",
]);

/** More places than this in one local count as read, each of them. */
const PLACES_MAX = 64;

/** A function's locals and what they may hold; `undefined` stands for the entrypoint. */
interface Frame {
  readonly func: PlanFunction | undefined;
  readonly blocks: readonly Block[];
  readonly places: Map<number, Set<Pointer>>;
  readonly returned: Set<Pointer>;
}

class ReadAnalysis {
  readonly read = new Set<Pointer>();
  readonly #functions: ReadonlyMap<string, PlanFunction>;
  readonly #frames = new Map<string | undefined, Frame>();
  readonly #builtins = new Set<string>();
  #hasChanged = true;

  constructor(plan: Plan) {
    this.#functions = new Map(plan.functions.map((func) => [func.name, func]));
  }

  get builtins(): readonly string[] {
    return [...this.#builtins];
  }

  /** To a fixpoint: sets only grow, and their members are bounded in number. */
  run(blocks: readonly Block[]): void {
    this.#frame(undefined, blocks);
    while (this.#hasChanged) {
      this.#hasChanged = false;
      for (const frame of this.#frames.values()) this.#visitBlocks(frame.blocks, frame);
    }
  }

  #frame(func: PlanFunction | undefined, blocks: readonly Block[]): Frame {
    const known = this.#frames.get(func?.name);
    if (known !== undefined) return known;
    const renamed = renameLocals(blocks, func?.params ?? [INPUT_LOCAL, DATA_LOCAL]);
    const made: Frame = { func, blocks: renamed, places: new Map([[INPUT_LOCAL, new Set([""])]]), returned: new Set() };
    this.#frames.set(func?.name, made);
    this.#hasChanged = true;
    return made;
  }

  #visitBlocks(blocks: readonly Block[], frame: Frame): void {
    for (const block of blocks) {
      for (const [index, statement] of block.entries()) {
        this.#visit(statement, frame, { block, index });
        this.#visitBlocks(nestedBlocks(statement), frame);
      }
    }
  }

  #visit(s: Statement, frame: Frame, at: { readonly block: Block; readonly index: number }): void {
    switch (s.kind) {
      case "AssignVar":
        return this.#hold(frame, s.target, this.#placesOf(frame, s.source));
      case "Dot":
        return this.#visitDot(s, frame, isOnlyPassedThrough(at.block, at.index, frame.blocks));
      case "Call":
        return this.#visitCall(s, frame);
      case "CallDynamic":
        return this.#visitCallDynamic(s, frame);
      case "With":
        // Put below a path, the value is found under another name than its own.
        if (s.path.length > 0) return this.#readAll(frame, s.value.type === "local" ? [s.value.local] : []);
        return this.#hold(frame, s.local, this.#placesOf(frame, s.value));
      case "ReturnLocal":
        return this.#add(frame.returned, this.#placesOf(frame, localOperand(s.source)));
      case "IsDefined":
        // Whether there is an input at all is no difference between two inputs.
        return s.source === INPUT_LOCAL ? undefined : this.#readAll(frame, [s.source]);
      default:
        return this.#readAll(frame, readsOf(s));
    }
  }

  #visitDot(s: Extract<Statement, { readonly kind: "Dot" }>, frame: Frame, isPassing: boolean): void {
    this.#readAll(frame, s.key.type === "local" ? [s.key.local] : []);
    for (const place of this.#placesOf(frame, s.source)) {
      const child = s.key.type === "string" ? childPointer(place, s.key.string) : undefined;
      if (child === undefined) this.#readPlace(place);
      else {
        this.#hold(frame, s.target, [child]);
        // Whether something is there has been seen, unless the same block goes on to look below it at once.
        if (!isPassing) this.#readPlace(child);
      }
    }
  }

  #visitCall(s: Extract<Statement, { readonly kind: "Call" }>, frame: Frame): void {
    const func = this.#functions.get(s.func);
    if (func === undefined) {
      this.#builtins.add(s.func);
      return this.#readAll(frame, readsOf(s));
    }
    const callee = this.#frame(func, func.blocks);
    for (const [position, param] of func.params.entries()) {
      const arg = s.args[position];
      if (arg !== undefined) this.#hold(callee, param, this.#placesOf(frame, arg));
    }
    this.#hold(frame, s.result, callee.returned);
  }

  #visitCallDynamic(s: Extract<Statement, { readonly kind: "CallDynamic" }>, frame: Frame): void {
    this.#readAll(
      frame,
      s.path.flatMap((part) => (part.type === "local" ? [part.local] : [])),
    );
    for (const func of this.#functions.values()) {
      if (!mayAnswer(func, s.path)) continue;
      const callee = this.#frame(func, func.blocks);
      for (const [position, param] of func.params.entries()) {
        const arg = s.args[position];
        if (arg !== undefined) this.#hold(callee, param, this.#placesOf(frame, localOperand(arg)));
      }
      this.#hold(frame, s.result, callee.returned);
    }
  }

  #placesOf(frame: Frame, operand: Operand): ReadonlySet<Pointer> {
    return (operand.type === "local" ? frame.places.get(operand.local) : undefined) ?? NOWHERE;
  }

  #hold(frame: Frame, local: number, places: Iterable<Pointer>): void {
    const held = frame.places.get(local) ?? new Set();
    frame.places.set(local, held);
    this.#add(held, places);
  }

  #add(held: Set<Pointer>, places: Iterable<Pointer>): void {
    for (const place of places) {
      if (held.has(place) || this.read.has(place)) continue;
      this.#hasChanged = true;
      if (held.size < PLACES_MAX) held.add(place);
      else this.#readPlace(place);
    }
  }

  #readAll(frame: Frame, locals: readonly number[]): void {
    for (const local of locals) for (const place of frame.places.get(local) ?? NOWHERE) this.#readPlace(place);
  }

  #readPlace(place: Pointer): void {
    this.read.add(place);
  }
}

const NOWHERE: ReadonlySet<Pointer> = new Set();

function localOperand(local: number): Operand {
  return { type: "local", local };
}

function mayAnswer({ path, params }: PlanFunction, wanted: readonly Operand[]): boolean {
  if (path === undefined || params.length !== 2 || path.length !== wanted.length) return false;
  return wanted.every((part, index) => part.type !== "string" || part.string === path[index]);
}
