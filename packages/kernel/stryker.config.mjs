import { mutationConfig } from "../../scripts/mutation/mutation-config.mjs";

/** The combination of findings into one decision, and what stands around it. */
// oxlint-disable-next-line import/no-default-export -- Stryker asks for it
export default mutationConfig([
  "src/combine.ts",
  "src/decide.ts",
  "src/read-findings.ts",
  "src/patch.ts",
  "src/patch-merge.ts",
  "src/gcra.ts",
]);
