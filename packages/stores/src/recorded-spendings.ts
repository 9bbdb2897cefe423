import { isReleasing, OUTCOMES } from "@cortexos/protocol";
import { DeliverPolicy, jetstream } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import type { Spending } from "./budget-ledger.ts";

/** Spendings that wait for an outcome record that says that their message wasn't sent after all. */
const UNSETTLED_COUNT_MAX = 100_000;

/** Which records. */
export interface RecordedSpendingsOptions {
  readonly connection: NatsConnection;
  readonly stream: string;
  /** Milliseconds since 1970; 0 for all. */
  readonly sinceMs: number;
}

/**
 * What messages spent, as the audit stream tells: every decision that released and had budgets reserved, but for those whose outcome says that nothing
 * was sent. Each once for each record that tells it.
 */
export async function* recordedSpendings(options: RecordedSpendingsOptions): AsyncIterable<Spending> {
  const unsettled = new Map<string, Spending>();
  for await (const line of recordLines(options)) {
    const record = readLine(line);
    if (record?.failedId !== undefined) unsettled.delete(record.failedId);
    if (record?.spending === undefined) continue;
    unsettled.set(record.spending.reservationId, record.spending);
    for (const [id, oldest] of unsettled) {
      if (unsettled.size <= UNSETTLED_COUNT_MAX) break;
      unsettled.delete(id);
      yield oldest;
    }
  }
  yield* unsettled.values();
}

async function* recordLines({ connection, sinceMs, stream }: RecordedSpendingsOptions): AsyncIterable<string> {
  const consumer = await jetstream(connection).consumers.get(stream, {
    deliver_policy: sinceMs === 0 ? DeliverPolicy.All : DeliverPolicy.StartTime,
    ...(sinceMs > 0 && { opt_start_time: new Date(sinceMs).toISOString() }),
  });
  const { num_pending: pendingCount } = await consumer.info();
  if (pendingCount === 0) return;
  const messages = await consumer.consume();
  try {
    for await (const message of messages) {
      yield* message.string().split("\n");
      if (message.info.pending === 0) return;
    }
  } finally {
    await messages.close();
  }
}

interface ReadLine {
  readonly spending?: Spending;
  /** The decision whose message wasn't sent. */
  readonly failedId?: string;
}

/** What a line of a batch tells of spending; nothing for seals, other records, and what can't be read. */
function readLine(line: string): ReadLine | undefined {
  const record = parse(line);
  if (!isObject(record)) return undefined;
  const { type } = record;
  if (type === "outcome") {
    const { decision_id: failedId, result } = record;
    return result === "failed" && typeof failedId === "string" ? { failedId } : undefined;
  }
  return type === "decision" ? readDecision(record) : undefined;
}

function readDecision(record: Members): ReadLine | undefined {
  const { answers, at_ns: atNs, decision, input } = record;
  if (!isObject(answers) || !isObject(decision) || !isObject(input)) return undefined;
  const owner = readOwner(input);
  const outcome = OUTCOMES.find((each) => each === decision["outcome"]);
  const reservationId = decision["decision_id"];
  if (outcome === undefined || !isReleasing(outcome) || owner === undefined) return undefined;
  if (typeof atNs !== "string" || !/^\d{1,20}$/.test(atNs) || typeof reservationId !== "string") return undefined;
  const budgets: readonly unknown[] = Array.isArray(answers["budgets"]) ? answers["budgets"] : [];
  const amounts = budgets.filter(isReserved).map(({ scope, amount }) => ({ scope, amount }));
  if (amounts.length === 0) return undefined;
  return { spending: { reservationId, owner, amounts, atMs: Number(BigInt(atNs) / 1_000_000n) } };
}

function readOwner({ context, principal }: Members): Spending["owner"] | undefined {
  if (!isObject(principal) || !isObject(context) || !isObject(context["session"])) return undefined;
  const [tenant, agent, run] = [principal["tenant"], principal["id"], context["session"]["id"]];
  if (typeof tenant !== "string" || typeof agent !== "string" || typeof run !== "string") return undefined;
  return { tenant, agent, run };
}

function isReserved(value: unknown): value is { readonly scope: string; readonly amount: number } {
  if (!isObject(value) || value["reserved"] !== true) return false;
  return typeof value["scope"] === "string" && typeof value["amount"] === "number";
}

type Members = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
