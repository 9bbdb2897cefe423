import { decideInput } from "@cortexos/kernel";
import { canonicalJson, type Decision } from "@cortexos/protocol";
import { CliError } from "./cli-error.ts";
import { onePositional } from "./command-line.ts";
import { openNamedPolicy, readDecidable, type Decidable } from "./decided-again.ts";
import { EXIT_CODES } from "./subcommand.ts";
import type { Verb } from "./verb.ts";

/** `cortexos policy eval`. */
export const policyEval: Verb = {
  name: "eval",
  usage:
    "policy eval --bundle <bundle.tar.gz> [--key <public.pem> [--key-id <id>]] [--findings] <input.json | record.json>",
  summary: "decide an input, or a record's input again; prints the decision as canonical JSON",
  shape: { texts: ["bundle", "key", "key-id"], flags: ["findings"] },
  async run(line, io) {
    const path = onePositional(line, undefined, "file with an input or a record");
    const policy = openNamedPolicy(line, io);
    const decidable = readDecidable(path, io);
    const input = inputOf(decidable, path);
    if (line.flag("findings")) io.out(`${canonicalJson({ ...policy.evaluate(input) })}\n`);
    else io.out(`${canonicalJson({ ...decide(decidable, () => decideInput(input, policy)) })}\n`);
    return EXIT_CODES.ok;

    function decide(from: Decidable, plain: () => Decision): Decision {
      if (from.kind !== "record" || from.record.type !== "decision") return plain();
      const { answers, approval } = from.record;
      return decideInput(input, policy, { answers, ...(approval === undefined ? {} : { approval }) });
    }
  },
};

function inputOf(decidable: Decidable, path: string): Extract<Decidable, { kind: "input" }>["input"] {
  if (decidable.kind === "input") return decidable.input;
  if (decidable.record.type === "decision") return decidable.record.input;
  throw new CliError("cli.input", `${path}: a record of type \`${decidable.record.type}\` has no input`);
}
