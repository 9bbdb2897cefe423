import type { InputSource } from "./input.ts";
import type { JsonObject } from "./json-value.ts";
import type { Principal } from "./principal.ts";

/** What the gate knows about a sender from configuration and credentials: the trusted half of every input. */
export interface Caller {
  readonly principal: Principal;
  readonly environment: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly source: InputSource;
  /** Data-flow labels of what the sender has received, sorted; none when absent. Go into `input.context.labels`. */
  readonly context_labels?: readonly string[];
  /** Unique for each connection or session; goes into the input, so that decisions of two connections differ. */
  readonly session: { readonly id: string; readonly prompt?: string; readonly declared: JsonObject };
}
