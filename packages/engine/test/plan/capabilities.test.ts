import { expect, it } from "vitest";
import { BUILTINS } from "../../src/plan/builtins/registry.ts";
import { lookup } from "../../src/plan/values/lookup.ts";
import { parseJson } from "../../src/plan/values/json-parse.ts";
import { inFolder, opa } from "../opa.ts";

/** Reach outside, differ from run to run, or need OPA's own parser; `docs/engine-compatibility.md` tells which is which. */
const REFUSED = ["http.send", "net.lookup_ip_addr", "opa.runtime", "rand.intn", "rego.parse_module", "uuid.rfc4122"];

/** Never in a plan: OPA's compiler has replaced them by the time it makes one. */
const COMPILED_AWAY = ["internal.test_case", "rego.metadata.chain", "rego.metadata.rule"];

it("has every built-in of OPA's capabilities but those that are refused by name", () => {
  const capabilities = parseJson(inFolder((folder) => opa(folder, "capabilities", "--current")));
  const list = lookup(capabilities, "builtins");
  const names = Array.isArray(list) ? list.map((builtin) => lookup(builtin, "name")) : [];
  expect(names.length).toBeGreaterThan(200);
  const missing = names.filter((name) => typeof name !== "string" || !BUILTINS.has(name));
  expect(new Set(missing)).toEqual(new Set([...REFUSED, ...COMPILED_AWAY]));
});
