import { parseArgs } from "node:util";
import { askAdmin, type AdminAnswer, type AdminEndpoint } from "./approvals-client.ts";
import { findEndpoint, type Surroundings } from "./approvals-endpoint.ts";
import { isFields, printChange, printHold, printHolds, screenText } from "./approvals-print.ts";

const USAGE = `usage: cortexos approvals list
       cortexos approvals show <id>
       cortexos approvals approve <id>
       cortexos approvals deny <id>

  --url <url>          the sidecar's admin address (CORTEXOS_ADMIN_URL; default http://127.0.0.1:9422)
  --token-file <file>  the approver's token (CORTEXOS_ADMIN_TOKEN_FILE)
  --json               print what the sidecar answered, as JSON
`;

/** Where the command writes and what it finds around it. */
export interface ApprovalsIo extends Surroundings {
  out(text: string): void;
  error(text: string): void;
}

/**
 * `cortexos approvals …`: lists, shows and decides held messages over a sidecar's admin API.
 *
 * @param args - what follows `approvals` on the command line.
 * @returns the exit code: 0 done, 1 refused or failed, 2 wrong usage. Never throws.
 */
export async function runApprovals(args: readonly string[], io: ApprovalsIo): Promise<number> {
  const command = readCommand(args);
  if (command.kind !== "ask") {
    if (command.kind === "help") io.out(USAGE);
    else io.error(`cortexos approvals: ${screenText(command.reason)}\n${USAGE}`);
    return command.kind === "help" ? 0 : 2;
  }
  try {
    return await runCommand(command, findEndpoint(command, io), io);
  } catch (reason) {
    io.error(`cortexos approvals: ${screenText(reason instanceof Error ? reason.message : typeof reason)}\n`);
    return 1;
  }
}

type Verb = "list" | "show" | "approve" | "deny";

interface Ask {
  readonly kind: "ask";
  readonly verb: Verb;
  readonly holdId: string;
  readonly url: string | undefined;
  readonly tokenFile: string | undefined;
  readonly json: boolean;
}

type Command = Ask | { readonly kind: "help" } | { readonly kind: "wrong"; readonly reason: string };

const OPTIONS = {
  url: { type: "string" },
  "token-file": { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

function readCommand(args: readonly string[]): Command {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    const [verb = "", holdId, ...rest] = positionals;
    if (values.help || args.length === 0) return { kind: "help" };
    if (!isVerb(verb)) return { kind: "wrong", reason: `no such command: \`${verb}\`` };
    if (rest.length > 0 || (verb === "list") !== (holdId === undefined)) {
      return { kind: "wrong", reason: verb === "list" ? "list takes no id" : `${verb} takes one id` };
    }
    if (holdId !== undefined && !/^[0-9a-f]{1,64}$/.test(holdId)) {
      return {
        kind: "wrong",
        reason: `\`${holdId}\` is no id of a held message; \`cortexos approvals list\` shows them`,
      };
    }
    const { url, json, "token-file": tokenFile } = values;
    return { kind: "ask", verb, holdId: holdId ?? "", url, tokenFile, json };
  } catch (reason) {
    return { kind: "wrong", reason: reason instanceof Error ? reason.message : "unreadable options" };
  }
}

function isVerb(text: string): text is Verb {
  return text === "list" || text === "show" || text === "approve" || text === "deny";
}

async function runCommand(command: Ask, endpoint: AdminEndpoint, io: ApprovalsIo): Promise<number> {
  const answer = await ask(command, endpoint);
  if (answer.status !== 200) {
    if (command.json) io.out(`${JSON.stringify(answer.body)}\n`);
    io.error(`cortexos approvals: ${refusalText(answer)}\n`);
    return 1;
  }
  io.out(command.json ? `${JSON.stringify(answer.body)}\n` : answerText(command.verb, answer.body));
  return 0;
}

async function ask({ verb, holdId }: Ask, endpoint: AdminEndpoint): Promise<AdminAnswer> {
  switch (verb) {
    case "list":
      return askAdmin(endpoint, "GET", "/v1/approvals");
    case "show":
      return askAdmin(endpoint, "GET", `/v1/approvals/${holdId}`);
    case "approve":
    case "deny":
      return askAdmin(endpoint, "POST", `/v1/approvals/${holdId}/${verb}`);
  }
}

function answerText(verb: Verb, body: unknown): string {
  if (!isFields(body)) throw new Error("the answer isn't a sidecar's");
  switch (verb) {
    case "list": {
      const { approvals } = body;
      if (!Array.isArray(approvals)) throw new Error("the answer isn't a sidecar's");
      return printHolds(approvals.filter(isFields));
    }
    case "show":
      return printHold(body);
    case "approve":
    case "deny":
      return printChange(body);
  }
}

function refusalText({ status, body }: AdminAnswer): string {
  const error = isFields(body) ? body["error"] : undefined;
  if (!isFields(error)) return `the sidecar answered ${status}`;
  return `${screenText(error["message"])} (${screenText(error["code"])})`;
}
