import { describe, expect, it } from "vitest";
import { createTableReport, NOT_SENT, type DemoResult } from "./report.ts";
import { unexpectedLines } from "./unexpected.ts";

const result: DemoResult = {
  name: "list",
  client: "nats 2.x",
  send: "publish",
  subject: "agent.banking.tool.get_most_recent_transactions",
  outcome: "DENY",
  expected: "ALLOW",
  ruleIds: ["demo.a_rule_with_a_long_name", "subjects.another_rule_with_a_long_name"],
  clientSaw: "x".repeat(200),
  busReceived: "nothing",
  decisionUs: 41.5,
};

function rows(columns: number | undefined, ...results: readonly DemoResult[]): readonly string[] {
  const lines: string[] = [];
  const report = createTableReport((line) => lines.push(line), { subjects: results.map((r) => r.subject), columns });
  for (const one of results) report.result(one);
  return lines;
}

describe("createTableReport", () => {
  it.each([undefined, 60, 160, 240])("names message and rules in full on a terminal of %s columns", (columns) => {
    const [, row = ""] = rows(columns, result);
    expect(row).toContain(result.subject);
    for (const id of result.ruleIds) expect(row).toContain(id);
  });

  it("fits the terminal by cutting the client's words", () => {
    const [head = "", row = ""] = rows(170, { ...result, ruleIds: ["demo.rule"] });
    expect(row.length).toBeLessThanOrEqual(170);
    expect(row).toContain("x…");
    expect(head.indexOf("behind the bus")).toBe(row.indexOf("nothing"));
  });

  it("shows no time for what was never decided", () => {
    const [, row = ""] = rows(undefined, { ...result, outcome: NOT_SENT, decisionUs: 0 });
    expect(row).toMatch(/not sent .* nothing$/);
  });
});

describe("unexpectedLines", () => {
  it("says once what both clients saw, and by client what only one did", () => {
    const other = { ...result, client: "@nats-io 3.x" };
    expect(unexpectedLines([result, other, { ...other, outcome: "ALLOW" }, { ...other, outcome: NOT_SENT }])).toEqual([
      "list: DENY, and ALLOW was expected (nats 2.x and @nats-io 3.x)",
      "list: not sent, and ALLOW was expected (@nats-io 3.x)",
    ]);
  });
});
