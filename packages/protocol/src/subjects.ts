import { ProtocolError } from "./errors.ts";
import { checkPublishSubject } from "./subject.ts";

/** The system's own subjects (spec §4.4, §7). */
export const SYSTEM_SUBJECTS = {
  jobSubmit: "sys.job.submit",
  jobResult: "sys.job.result",
  auditEvent: "sys.audit.event",
  policyCheck: "sys.policy.check",
  registryHeartbeat: "sys.registry.heartbeat",
} as const;

export type SystemSubject = (typeof SYSTEM_SUBJECTS)[keyof typeof SYSTEM_SUBJECTS];

/** Areas of work that the specification names; others may be added by their first worker. */
export const JOB_AREAS = ["code", "vision", "math", "k8s"] as const;

/** What a subject means to the system. */
export type KnownSubject =
  | { readonly kind: "system"; readonly subject: SystemSubject }
  /** `job.<area>.<verb>`: work for a pool of workers. */
  | { readonly kind: "job"; readonly area: string; readonly verb: string };

/**
 * The subject of work: `job.<area>.<verb>`.
 *
 * @throws ProtocolError `subject.part` when a part isn't one valid token.
 */
export function jobSubject(area: string, verb: string): string {
  return `job.${checkedToken(area)}.${checkedToken(verb)}`;
}

/** What a subject means to the system; `undefined` for the agents' own subjects, and for `sys.` subjects that nobody defined. */
export function parseSubject(subject: string): KnownSubject | undefined {
  const system = SYSTEM.find((known) => known === subject);
  if (system !== undefined) return { kind: "system", subject: system };
  if (checkPublishSubject(subject) !== undefined) return undefined;
  const [root, area, verb, ...more] = subject.split(".");
  if (root !== "job" || area === undefined || verb === undefined || more.length > 0) return undefined;
  return { kind: "job", area, verb };
}

/** Whether messages on a subject ask for a job, so that their claims about it go into `input.job_meta`. */
export function carriesJobRequest(subject: string): boolean {
  return subject.startsWith("job.") || subject === SYSTEM_SUBJECTS.jobSubmit;
}

const SYSTEM: readonly SystemSubject[] = Object.values(SYSTEM_SUBJECTS);

function checkedToken(token: string): string {
  if (!token.includes(".") && checkPublishSubject(token) === undefined) return token;
  throw new ProtocolError("subject.part", "not one valid subject token");
}
