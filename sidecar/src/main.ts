import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { loadConfig, printConfig, type LoadedConfig } from "./config/load-config.ts";
import { createLogger, type Logger } from "./logger.ts";
import { isSidecarError, reasonText, SIDECAR_ERRORS, SidecarError } from "./sidecar-error.ts";
import { startSidecar, type Sidecar } from "./start-sidecar.ts";

const READY_INTERVAL_MS = 20;

const USAGE = `usage: cortexos-sidecar --config <file> [--print-config]

  --config <file>  the configuration (JSON); CORTEXOS_… variables override it
  --print-config   print the configuration in force and exit
  --version        print the version and exit
  --help           print this and exit

SIGTERM and SIGINT drain and stop, SIGHUP loads the bundle and certificates again.
`;

/** The process: arguments, signals, exit code. One clear line and exit code 1 for whatever keeps it from starting. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    const { values } = readArguments(args);
    if (values.help) process.stdout.write(USAGE);
    else if (values.version) process.stdout.write(`${readVersion()}\n`);
    else await runOrPrint(values.config, values["print-config"]);
  } catch (reason) {
    process.stderr.write(`cortexos-sidecar: ${failureText(reason)}\n`);
    process.exit(1);
  }
}

interface Arguments {
  readonly values: {
    readonly config?: string | undefined;
    readonly "print-config": boolean;
    readonly version: boolean;
    readonly help: boolean;
  };
}

function readArguments(args: readonly string[]): Arguments {
  try {
    return parseArgs({
      args: [...args],
      options: {
        config: { type: "string" },
        "print-config": { type: "boolean", default: false },
        version: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (cause) {
    throw new SidecarError("arguments.invalid", reasonText(cause), { cause });
  }
}

async function runOrPrint(file: string | undefined, print: boolean): Promise<void> {
  if (file === undefined) throw new SidecarError("arguments.invalid", "--config <file> is missing");
  const loaded = loadConfig(file, process.env);
  if (print) process.stdout.write(printConfig(loaded.config));
  else await run(loaded);
}

async function run({ config, warnings }: LoadedConfig): Promise<void> {
  const log = createLogger(config.log.level);
  for (const warning of warnings) log.warn(warning);
  const sidecar = await startSidecar(config, { log });
  handleSignals(sidecar, log);
  await announce(sidecar, log);
}

/** Says where it listens, then when it is ready for the first time; whatever the level of the log, for who waits for it. */
async function announce(sidecar: Sidecar, log: Logger): Promise<void> {
  const announcer = log.level === "silent" ? log : log.child({}, { level: "info" });
  const { address, adminAddress } = sidecar;
  announcer.info({ address, adminAddress }, "listening");
  while (!Object.values(sidecar.readiness()).every(({ ok }) => ok)) {
    await sleep(READY_INTERVAL_MS, undefined, { ref: false });
  }
  announcer.info({ address, adminAddress }, "ready");
}

function handleSignals(sidecar: Sidecar, log: Logger): void {
  let isStopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    // A second signal means now.
    if (isStopping) process.exit(1);
    isStopping = true;
    log.info({ signal }, "stopping");
    void sidecar.stop().then(() => process.exit(0));
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  process.on("SIGHUP", () => void sidecar.reload());
}

function failureText(reason: unknown): string {
  if (!isSidecarError(reason)) return reasonText(reason);
  return `${reason.message} (${reason.code}: ${SIDECAR_ERRORS[reason.code].remedy})`;
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const hasVersion = typeof manifest === "object" && manifest !== null && "version" in manifest;
  return hasVersion ? String(manifest.version) : "unknown";
}
