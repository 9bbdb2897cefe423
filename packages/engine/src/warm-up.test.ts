import { canonicalJson, type Input } from "@cortexos/protocol";
import { expect, it } from "vitest";
import type { Policy } from "./policy.ts";
import { warmUp } from "./warm-up.ts";

it("evaluates a whole input once, whatever comes of it", () => {
  const seen: Input[] = [];
  const policy: Policy = {
    digest: "",
    engine: "",
    reads: [""],
    manifest: {
      format: 1,
      revision: 1,
      entrypoint: "",
      require_allow: true,
      modifiable: [],
      payloads: [],
      records: [],
      strict_order: [],
      builtins: [],
    },
    evaluate: (input) => {
      seen.push(input);
      return { ok: false, code: "evaluation.error", reason: "broken" };
    },
  };
  warmUp(policy);
  expect(seen).toHaveLength(1);
  expect(() => canonicalJson(seen[0])).not.toThrow();
});
