import { CompilerError, isCompilerError, readTrustedKey } from "@cortexos/compiler";
import { createPolicy, EngineError, isEngineError, openBundle, type BundleTrust, type Policy } from "@cortexos/engine";
import { CliError } from "./cli-error.ts";
import { readCommandFile } from "./command-files.ts";
import { requireText, type CommandLine } from "./command-line.ts";
import type { CliIo } from "./subcommand.ts";

/**
 * Opens the bundle that a command line names, with the key that it names: a signed bundle needs its key.
 *
 * @throws CliError, CompilerError `compiler.key`, EngineError; each names the file that it is about.
 */
export function openNamedPolicy(line: CommandLine, io: CliIo): Policy {
  const path = requireText(line, "bundle", "bundle.tar.gz");
  const bytes = readCommandFile(io.cwd, path, "the bundle");
  if (!isGzip(bytes)) {
    throw new CliError("cli.file", `the bundle \`${path}\`: no gzip archive; name what \`policy build --out\` wrote`);
  }
  const trust = namedTrust(line, io);
  try {
    return createPolicy(openBundle(bytes, { ...trust, nowNs: io.nowNs() }));
  } catch (reason) {
    throw aboutBundle(reason, path, trust);
  }
}

/**
 * Runs what reads a key, so that its failure names the key's file.
 *
 * @throws CompilerError `compiler.key`.
 */
export function readNamedKey<Key>(what: string, path: string, read: () => Key): Key {
  try {
    return read();
  } catch (reason) {
    if (!isCompilerError(reason)) throw reason;
    throw new CompilerError(reason.code, `${what} \`${path}\`: ${reason.message}`, { cause: reason });
  }
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function namedTrust(line: CommandLine, io: CliIo): BundleTrust {
  const path = line.text("key");
  if (path === undefined) return { unsigned: "accept" };
  const pem = Buffer.from(readCommandFile(io.cwd, path, "the public key")).toString("utf8");
  return { trustedKeys: [readNamedKey("the public key", path, () => readTrustedKey(pem, line.text("key-id")))] };
}

function aboutBundle(reason: unknown, path: string, trust: BundleTrust): unknown {
  if (!isEngineError(reason)) return reason;
  // Without keys, only a bundle that is signed fails here.
  const todo =
    reason.code === "bundle.signature" && trust.trustedKeys === undefined
      ? "; give --key <public.pem>, and --key-id <id> where it was signed with one"
      : "";
  return new EngineError(reason.code, `the bundle \`${path}\`: ${reason.message}${todo}`, { cause: reason });
}
