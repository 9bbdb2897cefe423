import { checkPacks, openNativeOpa, readPackTree, rulesTable } from "@cortexos/compiler";
import { onePositional } from "./command-line.ts";
import { opaSearch, resolveTree } from "./policy-tree.ts";
import { EXIT_CODES } from "./subcommand.ts";
import type { Verb } from "./verb.ts";

/** `cortexos policy rules`. */
export const policyRules: Verb = {
  name: "rules",
  usage: "policy rules [<folder>]",
  summary: "print the table of rules as Markdown, from their METADATA",
  shape: { texts: [], flags: [] },
  async run(line, io) {
    const folder = onePositional(line, "policies", "folder");
    const tree = readPackTree(resolveTree(folder, io));
    const { modules } = await checkPacks(tree, await openNativeOpa(opaSearch(folder, io)));
    io.out(rulesTable(tree, modules));
    return EXIT_CODES.ok;
  },
};
