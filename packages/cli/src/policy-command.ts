import { policyBuild } from "./policy-build.ts";
import { policyCheck } from "./policy-check.ts";
import { policyEval } from "./policy-eval.ts";
import { policyRules } from "./policy-rules.ts";
import { policyTest } from "./policy-test.ts";
import type { Subcommand } from "./subcommand.ts";
import { createVerbs } from "./verb.ts";

/** `cortexos policy`. */
export const policyCommand: Subcommand = createVerbs("policy", "build, check, test and try policies", [
  policyBuild,
  policyCheck,
  policyTest,
  policyEval,
  policyRules,
]);
