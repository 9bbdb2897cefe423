import { AUDIT_STREAM, readAuditStream } from "@cortexos/stores";
import { connect, credsAuthenticator, type ConnectionOptions } from "@nats-io/transport-node";
import { CliError } from "./cli-error.ts";
import { readCommandFile } from "./command-files.ts";
import { requireText, type CommandLine } from "./command-line.ts";
import { EXIT_CODES, type CliIo } from "./subcommand.ts";
import type { Verb } from "./verb.ts";

/** Longest wait for a server. */
const CONNECT_MS_MAX = 5_000;

/** `cortexos audit fetch`. */
export const auditFetch: Verb = {
  name: "fetch",
  usage:
    "audit fetch --server <nats://host:port> [--stream <name>] [--from <sequence>] [--creds <file> | --user <user> --password-file <file>] [--ca <ca.pem>]",
  summary: `print what a stream holds, ${AUDIT_STREAM} unless named, for the other commands: records with their seals, or checkpoints`,
  shape: { texts: ["server", "stream", "from", "creds", "user", "password-file", "ca"], flags: [] },
  async run(line, io) {
    const servers = requireText(line, "server", "nats://host:port");
    const fromSeq = sequenceOf(line);
    const connection = await open({ ...credentialsOf(line, io), servers });
    try {
      const stream = line.text("stream") ?? AUDIT_STREAM;
      const read = readAuditStream({ connection, stream, ...(fromSeq !== undefined && { fromSeq }) });
      for await (const text of read) io.out(text);
    } finally {
      await connection.close();
    }
    return EXIT_CODES.ok;
  },
};

async function open(options: ConnectionOptions): ReturnType<typeof connect> {
  try {
    return await connect({ ...options, name: "cortexos audit", timeout: CONNECT_MS_MAX, reconnect: false });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : typeof cause;
    throw new CliError("cli.deployment", `can't connect: ${reason}`, { cause });
  }
}

/** Secrets come from files: a command line can be read by everybody on the machine. */
function credentialsOf(line: CommandLine, io: CliIo): ConnectionOptions {
  const read = (name: string, what: string): string | undefined => {
    const file = line.text(name);
    return file === undefined ? undefined : Buffer.from(readCommandFile(io.cwd, file, what)).toString("utf8");
  };
  const creds = read("creds", "the credentials");
  const pass = read("password-file", "the password")?.trim();
  const user = line.text("user");
  const ca = read("ca", "the authority's certificate");
  return {
    ...(creds !== undefined && { authenticator: credsAuthenticator(Buffer.from(creds)) }),
    ...(user !== undefined && { user }),
    ...(pass !== undefined && { pass }),
    ...(ca !== undefined && { tls: { ca } }),
  };
}

function sequenceOf(line: CommandLine): number | undefined {
  const text = line.text("from");
  if (text === undefined) return undefined;
  const seq = Number(text);
  if (Number.isSafeInteger(seq) && seq > 0) return seq;
  throw new CliError("cli.usage", "--from wants a sequence number, 1 or more");
}
