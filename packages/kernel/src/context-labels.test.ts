import { canonicalJson } from "@cortexos/protocol";
import { describe, expect, it } from "vitest";
import { approvedSubmission, holdOf } from "./held-message.ts";
import { bareDecision } from "./decide.ts";
import { prepareInput } from "./prepare.ts";
import { CALLER, messageOf, policyOf } from "./testing/fakes.ts";

const labelled = { ...CALLER, context_labels: ["pii", "secret"] };
const moment = { policy: policyOf(() => []), nowNs: "1", budgetState: {} };

describe("prepareInput", () => {
  it("puts the labels of a caller into the context, in the input and in its text", () => {
    const { input, text } = prepareInput(messageOf({ a: 1 }), labelled, moment);
    expect(input.context.labels).toEqual(["pii", "secret"]);
    expect(text).toBe(canonicalJson(input));
    expect(prepareInput(messageOf({ a: 1 }), CALLER, moment).input.context.labels).toEqual([]);
  });
});

describe("approvedSubmission", () => {
  it("decides a held message again with the labels it was held with", () => {
    const message = messageOf({ a: 1 });
    const { input } = prepareInput(message, labelled, moment);
    const hold = holdOf({ caller: labelled, decision: bareDecision(), input, message });
    expect(approvedSubmission(hold, 0).caller).toEqual(labelled);
  });
});
