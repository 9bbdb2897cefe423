import type { MessageEffect } from "@cortexos/protocol";

/**
 * What `Nats-*` headers ask the server to do beside storing the message.
 *
 * @param headers - by lower-case name.
 * @param subject - the message's own.
 */
export function headerEffects(
  headers: Readonly<Record<string, readonly string[]>>,
  subject: string,
): readonly MessageEffect[] {
  return Object.entries(headers).flatMap(([name, values]) => {
    if (!name.startsWith("nats-")) return [];
    if (name === "nats-schedule-rollup") return scheduleRollup(headers[SCHEDULE_TARGET] ?? [], values);
    return values.flatMap((value) => effectOf(name, { value, subject }));
  });
}

const SCHEDULE_TARGET = "nats-schedule-target";

function effectOf(
  name: string,
  { subject, value }: { readonly value: string; readonly subject: string },
): readonly MessageEffect[] {
  switch (name) {
    case SCHEDULE_TARGET:
      return [{ kind: "schedule_target", subject: value }];
    case "nats-schedule-source":
      return [{ kind: "schedule_source", subject: value }];
    case "nats-schedule":
    case "nats-schedule-ttl":
    case "nats-schedule-time-zone":
      return [];
    case "nats-trace-dest":
      return [{ kind: "trace_destination", subject: value }];
    case "nats-rollup":
      // `sub` removes what came before on this subject; anything else is taken for `all`, the whole stream.
      return [{ kind: "rollup", subject: value === "sub" ? subject : ">" }];
    case "nats-msg-id":
      return [{ kind: "message_id", subject }];
    case "nats-ttl":
      return [{ kind: "time_to_live", subject }];
    case "nats-incr":
      return [{ kind: "counter", subject }];
    default:
      return familyEffect(name, subject);
  }
}

function familyEffect(name: string, subject: string): readonly MessageEffect[] {
  if (name.startsWith("nats-expected-")) return [{ kind: "expectation", subject }];
  if (name.startsWith("nats-batch-")) return [{ kind: "batch", subject }];
  // A part of a schedule that we don't know can do to any subject what it likes.
  return name.startsWith("nats-schedule-") ? [{ kind: "unknown", subject: ">" }] : [];
}

/** The message that a schedule sends removes what came before it on its target, or in the target's stream. */
function scheduleRollup(targets: readonly string[], values: readonly string[]): readonly MessageEffect[] {
  const isBySubject = targets.length > 0 && values.every((value) => value === "sub");
  return (isBySubject ? targets : [">"]).map((target) => ({ kind: "rollup", subject: target }));
}
