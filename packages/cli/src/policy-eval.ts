import { decideInput } from "@cortexos/kernel";
import type { Policy } from "@cortexos/engine";
import { canonicalJson, type Decision } from "@cortexos/protocol";
import { onePositional } from "./command-line.ts";
import { decidableItems, inputOf, readDecidableFile, type DecidableFile } from "./decided-again.ts";
import { openNamedPolicy } from "./named-policy.ts";
import { EXIT_CODES } from "./subcommand.ts";
import type { Verb } from "./verb.ts";

/** `cortexos policy eval`. */
export const policyEval: Verb = {
  name: "eval",
  usage:
    "policy eval --bundle <bundle.tar.gz> [--key <public.pem> [--key-id <id>]] [--findings] [--id <id>] <input.json | record.json | records.jsonl>",
  summary:
    "decide an input, or a record's input again; prints the decision as canonical JSON. Of a file with one a line, each, or those of one record or decision id",
  shape: { texts: ["bundle", "key", "key-id", "id"], flags: ["findings"] },
  async run(line, io) {
    const path = onePositional(line, undefined, "file with inputs or records");
    const policy = openNamedPolicy(line, io);
    const show = line.flag("findings") ? findings : decide;
    for (const item of decidableItems(readDecidableFile(path, line.text("id"), io))) {
      io.out(`${canonicalJson({ ...show(item, policy) })}\n`);
    }
    return EXIT_CODES.ok;
  },
};

type Item = DecidableFile["items"][number];

function findings(item: Item, policy: Policy): object {
  return policy.evaluate(inputOf(item));
}

function decide(item: Item, policy: Policy): Decision {
  const input = inputOf(item);
  if (item.kind !== "record" || item.record.type !== "decision") return decideInput(input, policy);
  const { answers, approval } = item.record;
  return decideInput(input, policy, { answers, ...(approval === undefined ? {} : { approval }) });
}
