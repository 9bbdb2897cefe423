import { eventually, rawConnect, type RawClient, type TappedMessage } from "@cortexos/devkit";
import type { AuditRecord } from "@cortexos/protocol";
import { setImmediate as nextTurn } from "node:timers/promises";
import { startRig, type Rig, type RigOptions } from "./sidecar-rig.ts";

/** What a client that means well says first. */
export const CONNECT = 'CONNECT {"verbose":false,"pedantic":false,"headers":true,"protocol":1}\r\n';

/** Lets an agent do its own work: nothing on `work.secret`, no effect elsewhere, no header that says it is somebody else. */
const OWN_WORK = `# METADATA
# title: Own work
# description: Allows an agent its own subjects, where it also says that it is itself.
package cortexos.rules.test.own_work

allow contains {"reason": "its own work"} if {
	input.message.tokens[0] in {"work", "$JS"}
	every effect in input.message.effects { own(effect.subject) }
}

deny contains {"id": "test.secret", "reason": "nobody's work"} if input.message.subject == "work.secret"

deny contains {"id": "test.impostor", "reason": "it is somebody else"} if {
	some agent in input.message.headers["x-agent"]
	agent != "agent-7"
}

own(subject) if {
	startswith(subject, "_INBOX.own.")
}

own(subject) if {
	startswith(subject, "work.")
	subject != "work.secret"
}
`;

/** What became of an attack. */
export interface AttackEnd {
  /** All that the attacker received after its PONG, or from INFO on. */
  readonly received: string;
  readonly isClosed: boolean;
  /** What the bus got of it. */
  readonly delivered: readonly TappedMessage[];
  /** Codes of the violations recorded since. */
  readonly violations: readonly string[];
}

export interface Attack {
  /** What is sent, one write each, one character a byte. */
  readonly chunks: readonly string[];
  /** Connects as an honest client first, unless `false`. */
  readonly greets?: boolean;
  /** The end that is waited for: that the gate closes, or that it answers a PING. */
  readonly until: "closed" | "answered";
}

/** A sidecar with a tap behind it, an honest client beside the attacker, and records that are looked into after each attack. */
export interface AttackField {
  readonly rig: Rig;
  /**
   * Attacks on a connection of its own. Afterwards the honest client must still be served, and the bus may have nothing that no record allows; both
   * throw.
   */
  attack(attack: Attack): Promise<AttackEnd>;
  stop(): Promise<void>;
}

export async function openAttackField(options: Partial<RigOptions> = {}): Promise<AttackField> {
  const rig = await startRig({ rego: OWN_WORK, ...options, nats: { monitoring: true, ...options.nats } });
  const honest = await greeted(rig.port);
  const quietCount = await connectionCount(rig);
  let seenRecords = rig.sidecar.recentRecords().length;

  return {
    rig,
    attack: async ({ chunks, greets = true, until }) => {
      rig.tap.clear();
      const attacker = greets ? await greeted(rig.port) : await connected(rig.port);
      const before = attacker.received().length;
      await send(attacker, until === "closed" ? chunks : [...chunks, "PING\r\n"]);
      if (until === "closed") await attacker.waitForClose();
      else await attacker.waitFor("PONG\r\n");
      const isClosed = until === "closed";
      attacker.close();
      // The server has read all that came of it once it has ended the connection.
      await eventually(async () => (await connectionCount(rig)) <= quietCount, {
        what: "end of the attacker upstream",
      });
      const delivered = await rig.tap.flushed();
      const records = rig.sidecar.recentRecords().slice(seenRecords);
      seenRecords += records.length;
      checkAudited(delivered, records);
      await checkServed(honest, rig);
      seenRecords = rig.sidecar.recentRecords().length;
      return {
        received: attacker.received().slice(before),
        isClosed,
        delivered,
        violations: records.flatMap((record) => (record.type === "violation" ? [record.code] : [])),
      };
    },
    stop: async () => {
      honest.close();
      await rig.stop();
    },
  };
}

/** A client whose connection stands. */
export async function greeted(port: number): Promise<RawClient> {
  const client = await connected(port);
  await client.write(`${CONNECT}PING\r\n`);
  await client.waitFor("PONG\r\n");
  return client;
}

async function connected(port: number): Promise<RawClient> {
  const client = await rawConnect(port);
  await client.waitFor(/INFO \{.*\}\r\n/);
  return client;
}

async function send(attacker: RawClient, chunks: readonly string[]): Promise<void> {
  for (const chunk of chunks) {
    // The gate may have closed by now, and that is no failure of the attack.
    await attacker.write(chunk).catch(() => undefined);
    await nextTurn();
  }
}

async function connectionCount({ nats }: Rig): Promise<number> {
  const answer = await fetch(`${nats.monitoringUrl}/connz?limit=1`);
  const { total } = (await answer.json()) as { readonly total: number };
  return total;
}

function checkAudited(delivered: readonly TappedMessage[], records: readonly AuditRecord[]): void {
  const released = records.flatMap((record) =>
    record.type === "decision" && record.frame_sha256 !== "" ? [record.input.message] : [],
  );
  const allowed = released.map(({ subject }) => subject);
  const answers = new Set(released.flatMap(({ effects }) => effects.map(({ subject }) => subject)));
  for (const { subject } of delivered) {
    const at = allowed.indexOf(subject);
    if (at !== -1) allowed.splice(at, 1);
    else if (!answers.has(subject) && !subject.startsWith(SERVERS_OWN)) {
      throw new Error(`the bus got a message on ${subject} that no record allows`);
    }
  }
}

/** What nats-server tells of what it did. */
const SERVERS_OWN = "$JS.EVENT.";

async function checkServed(honest: RawClient, { tap }: Rig): Promise<void> {
  tap.clear();
  await honest.write("PUB work.honest 2\r\nok\r\nPING\r\n");
  await honest.waitFor("PONG\r\n");
  const [message, ...others] = await tap.flushed();
  if (message?.subject !== "work.honest" || others.length > 0) throw new Error("the honest client is not served");
}
