import type { BundleTrust } from "@cortexos/engine";
import type { BudgetStore, GateFault, HoldStore, ThrottleStore } from "@cortexos/kernel";
import type { PrincipalKind } from "@cortexos/protocol";
import type { BundleOption } from "./policy/bundle-source.ts";
import type { PolicyEvent } from "./policy/policy-keeper.ts";
import type { RecordsOption } from "./records/open-records.ts";
import type { SessionFacts } from "./session.ts";

/** Who the agent is: from the program's configuration, never from what a model wrote. */
export interface GuardPrincipal {
  readonly id: string;
  readonly tenant: string;
  /** `agent` unless given. */
  readonly kind?: PrincipalKind;
  readonly roles?: readonly string[];
  /** The principal for whom the agent acts. */
  readonly onBehalfOf?: string;
}

/** What goes wrong or changes beside the messages. */
export type GuardEvent = PolicyEvent | ({ readonly kind: "fault" } & GateFault);

/** What a guard decides with. */
export interface GuardOptions {
  /** The compiled policy: path of a file, bytes, or a source such as `httpBundle(url)`. */
  readonly bundle: BundleOption;
  /** Whose bundles are believed. It must be said: trusted keys, or `{ unsigned: "accept" }` for trials. */
  readonly trust: BundleTrust;
  readonly principal: GuardPrincipal;
  /** Where the agent runs, for example `prod`. */
  readonly environment: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Facts of everything that runs outside `session().run`. */
  readonly session?: SessionFacts;
  /** `{ kind: "memory" }` unless given. */
  readonly records?: RecordsOption;
  /** State that several processes share; in memory unless given. */
  readonly stores?: {
    readonly throttles?: ThrottleStore;
    readonly budgets?: BudgetStore;
    readonly holds?: HoldStore;
  };
  /** Names this guard in records; unique among those that write to one place. A random one unless given. */
  readonly name?: string;
  /** Longest wait of a throttled message for its turn, in milliseconds; 0 refuses it at once. */
  readonly throttleWaitMs?: number;
  /** Told of bundles and failures. Must not throw. */
  readonly onEvent?: (event: GuardEvent) => void;
}
