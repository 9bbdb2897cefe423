/** What a deployment gets wrong, worst first. */
export const SEVERITIES = ["bypass", "loss", "unknown", "notice"] as const;

/**
 * `bypass`: a way to the bus that no policy decides. `loss`: a record or message can be lost after it was acknowledged. `unknown`: it can't be told from
 * what there is to read. `notice`: worth knowing, and no fault by itself.
 */
export type Severity = (typeof SEVERITIES)[number];

/** One thing that was found. */
export interface DeploymentFinding {
  /** Stable, for example `listener.mqtt`. */
  readonly id: string;
  readonly severity: Severity;
  /** What it is, in one sentence. */
  readonly what: string;
  /** How to mend it, in one sentence; absent where there is nothing to do. */
  readonly mend?: string;
}
