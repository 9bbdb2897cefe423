import { resolve } from "node:path";
import type { OpaSearch } from "@cortexos/compiler";
import type { CliIo } from "./subcommand.ts";

/** Where a folder that was named on the command line lies. */
export function resolveTree(folder: string, io: CliIo): string {
  return resolve(io.cwd, folder);
}

/** OPA is looked for from the tree first, then from where the command runs. */
export function opaSearch(folder: string, io: CliIo): OpaSearch {
  return { env: io.environment, from: [resolveTree(folder, io), io.cwd] };
}
