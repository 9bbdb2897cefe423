import { digestJson, type DecisionRecord, type Finding } from "@cortexos/protocol";
import { describe, expect, it } from "vitest";
import { benchOf } from "./testing/bench.ts";
import { allow, CALLER, createHolds, deny, messageOf, policyOf, requireHuman } from "./testing/fakes.ts";
import { withoutPayload } from "./without-payload.ts";

const CALL = { tool: "t", args: { x: "A" } };

async function recordedBy(findings: readonly Finding[]): Promise<DecisionRecord> {
  const { gate, records } = benchOf(
    policyOf(() => findings),
    { holds: createHolds() },
  );
  await gate.submit(messageOf(CALL), CALLER);
  const [record] = records.decisions();
  if (record === undefined) throw new Error("nothing was recorded");
  return record;
}

describe("withoutPayload", () => {
  it("leaves payload and action out of the record of a refusal, and keeps their digests", async () => {
    const record = await recordedBy([deny()]);
    const { action: _action, ...rest } = record.input;
    expect(withoutPayload(record)).toEqual({
      ...record,
      input: { ...rest, message: { ...rest.message, payload: null } },
      omitted: { payload: digestJson(CALL), action: digestJson(CALL) },
    });
  });

  it("leaves nothing out twice, or of what isn't a refusal", async () => {
    const refused = withoutPayload(await recordedBy([deny()]));
    expect(refused === undefined ? "nothing" : withoutPayload(refused)).toBeUndefined();
    expect(withoutPayload(await recordedBy([allow()]))).toBeUndefined();
    expect(withoutPayload(await recordedBy([requireHuman()]))).toBeUndefined();
  });
});
