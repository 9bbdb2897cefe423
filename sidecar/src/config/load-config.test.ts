import fc from "fast-check";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isSidecarError } from "../sidecar-error.ts";
import { LIMITS } from "./limits.ts";
import { loadConfig, parseConfig, printConfig } from "./load-config.ts";

const minimal = {
  upstream: { urls: ["nats://127.0.0.1:4333"] },
  caller: { principal: { id: "agent-7", tenant: "acme" }, environment: "dev" },
  bundle: { path: "bundle.tar.gz", trustedKeys: [{ keyId: "dev", publicKeyFile: "dev.pem" }] },
};
const certificateCaller = { certificate: "DNS:agent-7.acme", caller: minimal.caller };
const origin = { directory: "/etc/cortexos", source: "sidecar.json" };

function faultOf(document: unknown): { readonly code: string; readonly message: string } {
  try {
    parseConfig(document, origin);
  } catch (error) {
    if (isSidecarError(error)) return { code: error.code, message: error.message };
    throw error;
  }
  return { code: "none", message: "" };
}

describe("parseConfig", () => {
  it("fills in every default of a minimal document", () => {
    const config = parseConfig(minimal, origin);
    expect(config.listeners).toEqual([{ kind: "tcp", host: "127.0.0.1", port: 4222 }]);
    expect(config.upstream.credentials).toEqual({ kind: "pass-through" });
    expect(config.records).toEqual({ kind: "jetstream", stream: "CORTEXOS_AUDIT", subject: "sys.audit.event" });
    expect(config.admin).toEqual({ host: "127.0.0.1", port: 9422, approvers: [] });
    expect(config.bundle).toMatchObject({ watch: true, trustedKeys: [{ algorithm: "EdDSA" }] });
    expect(config.limits).toEqual(Object.fromEntries(Object.entries(LIMITS).map(([k, v]) => [k, v.default])));
  });

  it("takes every file of credentials and certificates from the file's folder", () => {
    const tls = { certFile: "a.pem", keyFile: "a.key", clientCaFile: "c.pem" };
    const config = parseConfig(
      {
        ...minimal,
        listeners: [{ kind: "tcp", host: "0.0.0.0", tls }],
        upstream: {
          ...minimal.upstream,
          ownCredentials: { kind: "nkey", seedFile: "own.seed" },
          proxy: { seedFile: "proxy.seed" },
          tls: { caFile: "/ca.pem", certFile: "b.pem", keyFile: "b.key", serverName: "nats.internal" },
        },
      },
      origin,
    );
    const printed = JSON.stringify(config);
    for (const name of ["a.pem", "a.key", "c.pem", "own.seed", "proxy.seed", "b.pem", "b.key"]) {
      expect(printed).toContain(`"/etc/cortexos/${name}"`);
    }
    expect(config.upstream).toMatchObject({
      order: "random",
      tls: { caFile: "/ca.pem", serverName: "nats.internal", handshakeFirst: false },
    });
  });

  it("takes relative paths from the file's folder", () => {
    const config = parseConfig(
      {
        ...minimal,
        listeners: [{ kind: "unix", path: "nats.sock" }],
        upstream: { ...minimal.upstream, credentials: { kind: "creds", credsFile: "agent.creds" } },
        records: { kind: "file", path: "records.jsonl" },
      },
      origin,
    );
    expect(config.bundle.path).toBe("/etc/cortexos/bundle.tar.gz");
    expect(config.listeners).toEqual([{ kind: "unix", path: "/etc/cortexos/nats.sock" }]);
    expect(config.upstream.credentials).toEqual({ kind: "creds", credsFile: "/etc/cortexos/agent.creds" });
    expect(config.records).toEqual({ kind: "file", path: "/etc/cortexos/records.jsonl" });
  });

  it.each(["127.0.0.1", "127.8.8.8", "::1", "localhost"])("takes plain text on loopback: %s", (host) => {
    expect(parseConfig({ ...minimal, listeners: [{ kind: "tcp", host }] }, origin).listeners).toHaveLength(1);
  });

  it.each([
    ["a missing part", {}, /upstream: .*caller: .*bundle: /],
    ["an unknown key at the top", { ...minimal, fail_open: true }, /the document: unknown key `fail_open`; remove/],
    ["an unknown key below", { ...minimal, log: { levle: "info" } }, /log: unknown key `levle`/],
    ["an unknown limit", { ...minimal, limits: { queueMax: 1 } }, /limits: unknown key `queueMax`/],
    ["a limit out of range", { ...minimal, limits: { holdWaitMs: -1 } }, /limits\.holdWaitMs: must be at least 0 ms$/],
    [
      "a limit of the wrong type",
      { ...minimal, limits: { holdWaitMs: "2s" } },
      /limits\.holdWaitMs: must be a whole number$/,
    ],
    ["a password in an address", { ...minimal, upstream: { urls: ["nats://u:p@h:1"] } }, /upstream\.urls\.0: expected/],
    ["another scheme", { ...minimal, upstream: { urls: ["http://h:1"] } }, /upstream\.urls\.0: expected `nats:/],
    ["TLS in an address", { ...minimal, upstream: { urls: ["tls://h:1"] } }, /TLS into upstream\.tls/],
    [
      "plain text off loopback",
      { ...minimal, listeners: [{ kind: "tcp", host: "0.0.0.0" }] },
      /listeners\.0: off loop/,
    ],
    [
      "plain text that is both wanted and not",
      { ...minimal, listeners: [{ kind: "tcp", tls: { certFile: "c", keyFile: "k" }, plaintext: "accept" }] },
      /listeners\.0: off loopback give tls/,
    ],
    [
      "a certificate without its key",
      { ...minimal, upstream: { ...minimal.upstream, tls: { certFile: "c" } } },
      /belong/,
    ],
    [
      "callers by certificate without an authority",
      { ...minimal, listeners: [{ kind: "tcp", tls: { certFile: "c", keyFile: "k", callers: [certificateCaller] } }] },
      /give clientCaFile/,
    ],
    [
      "callers by certificate and another",
      {
        ...minimal,
        listeners: [
          {
            kind: "tcp",
            tls: { certFile: "c", keyFile: "k", clientCaFile: "a", callers: [certificateCaller] },
            caller: minimal.caller,
          },
        ],
      },
      /tls\.callers or caller, not both/,
    ],
    [
      "a certificate without its kind of name",
      {
        ...minimal,
        listeners: [
          {
            kind: "tcp",
            tls: {
              certFile: "c",
              keyFile: "k",
              clientCaFile: "a",
              callers: [{ ...certificateCaller, certificate: "agent-7" }],
            },
          },
        ],
      },
      /callers\.0\.certificate: expected `URI:` or `DNS:`/,
    ],
    ["no address", { ...minimal, upstream: { urls: [] } }, /upstream\.urls: /],
    [
      "a secret in place",
      { ...minimal, upstream: { ...minimal.upstream, credentials: { kind: "password", user: "u", password: "p" } } },
      /upstream\.credentials\.passwordFile: is missing; must be a text; upstream\.credentials: unknown key `password`; put .* into a file and name that in `passwordFile`$/,
    ],
    [
      "a size out of range",
      { ...minimal, limits: { payloadBytesMax: 1e12 } },
      /payloadBytesMax: must be at most 67108864 bytes$/,
    ],
    [
      "a key that is missing",
      { ...minimal, bundle: { path: "b", trustedKeys: [{ keyId: "k" }] } },
      /trustedKeys\.0\.publicKeyFile: is missing; must be a text$/,
    ],
    [
      "a word that isn't known",
      { ...minimal, log: { level: "loud" } },
      /log\.level: must be one of `trace`, .*`silent`$/,
    ],
    [
      "a kind that isn't known",
      { ...minimal, records: { kind: "disk" } },
      /records\.kind: must be one of `jetstream`, `file`, `memory`$/,
    ],
    ["a bundle that nobody signed", { ...minimal, bundle: { path: "b" } }, /bundle: whose bundle is believed\?/],
    ["keys that don't count", { ...minimal, bundle: { ...minimal.bundle, unsigned: "accept" } }, /bundle: whose/],
    ["a list", [], /the document: must be an object/],
  ])("refuses %s and says where", (_, document, message) => {
    const fault = faultOf(document);
    expect(fault.code).toBe("config.invalid");
    expect(fault.message).toMatch(message);
    expect(fault.message).not.toContain("\n");
  });

  it("never throws anything but a SidecarError", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (document) => {
        expect(["config.invalid", "none"]).toContain(faultOf(document).code);
      }),
    );
  });

  it("prints what it parsed, so that the print is a configuration again", () => {
    const config = parseConfig(minimal, origin);
    expect(parseConfig(JSON.parse(printConfig(config)), origin)).toEqual(config);
  });
});

describe("loadConfig", () => {
  let directory = "";
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "sidecar-config-"));
  });
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  function write(text: string): string {
    const file = join(directory, "sidecar.json");
    writeFileSync(file, text);
    return file;
  }

  it.each([
    ["a comma too many", '{\n  "name": "a",\n}', /sidecar\.json:3:1: the text is not JSON$/],
    ["an end that comes too early", '{\n  "name": "a"', /sidecar\.json:2:14: the text is not JSON$/],
    ["a key twice", '{"name": "a", "name": "b"}', /sidecar\.json: an object has a key twice$/],
  ])("says where %s is", (_, text, message) => {
    expect(() => loadConfig(write(text), {})).toThrow(message);
  });

  it("lets the environment override the file", () => {
    const { config, warnings } = loadConfig(write(JSON.stringify(minimal)), {
      CORTEXOS_LISTENERS: "127.0.0.1:0, [::1]:4223, unix:/run/nats.sock",
      CORTEXOS_UPSTREAM_URLS: "nats://a:1,nats://b:2",
      CORTEXOS_ADMIN_PORT: "0",
      CORTEXOS_LIMITS_HOLD_WAIT_MS: "10",
      CORTEXOS_PRINCIPAL_ROLES: "reader,writer",
      CORTEXOS_BUNDLE_WATCH: "false",
      CORTEXOS_LOG_LEVEL: "warn",
      PATH: "/bin",
    });
    expect(config.listeners).toEqual([
      { kind: "tcp", host: "127.0.0.1", port: 0 },
      { kind: "tcp", host: "::1", port: 4223 },
      { kind: "unix", path: "/run/nats.sock" },
    ]);
    expect(config.upstream.urls).toEqual(["nats://a:1", "nats://b:2"]);
    expect(config.admin.port).toBe(0);
    expect(config.limits.holdWaitMs).toBe(10);
    expect(config.caller.principal.roles).toEqual(["reader", "writer"]);
    expect(config.bundle.watch).toBe(false);
    expect(config.log.level).toBe("warn");
    expect(warnings).toEqual([
      "nats://a:1 is reached in plain text; give upstream.tls unless the way there is safe",
      "nats://b:2 is reached in plain text; give upstream.tls unless the way there is safe",
    ]);
  });

  it.each([
    ["on loopback", { urls: ["nats://127.0.0.1:4222", "nats://[::1]:4222", "nats://localhost"] }],
    ["with TLS", { urls: ["nats://10.0.0.1:4222"], tls: {} }],
  ])("has no warning of an upstream %s", (_, upstream) => {
    expect(loadConfig(write(JSON.stringify({ ...minimal, upstream })), {}).warnings).toEqual([]);
  });

  it("warns of a variable that only looks like one of its own", () => {
    const environment = { CORTEXOS_LIMITS_HOLDWAIT: "1", CORTEXOS_ADMIN_URL: "http://127.0.0.1:1" };
    expect(loadConfig(write(JSON.stringify(minimal)), environment).warnings).toEqual([
      "the environment variable CORTEXOS_LIMITS_HOLDWAIT is none of the sidecar's; ignored",
    ]);
  });

  it.each([
    ["CORTEXOS_ADMIN_PORT", "http", /admin\.port: must be a whole number/],
    ["CORTEXOS_BUNDLE_WATCH", "yes", /bundle\.watch: must be true or false/],
    ["CORTEXOS_LISTENERS", "4222", /listeners\.0: /],
    ["CORTEXOS_LOG_LEVEL", "loud", /log\.level: /],
  ])("refuses %s=%s", (variable, text, message) => {
    expect(() => loadConfig(write(JSON.stringify(minimal)), { [variable]: text })).toThrow(message);
  });

  it.each([
    ["a file that isn't there", () => join(directory, "none.json"), "config.unreadable"],
    ["a folder", () => directory, "config.unreadable"],
    ["a file that isn't JSON", () => write("{"), "config.not_json"],
    ["a huge file", () => write(" ".repeat(1_048_577)), "config.unreadable"],
  ])("refuses %s", (_, file, code) => {
    expect(() => loadConfig(file(), {})).toThrow(expect.objectContaining({ code }));
  });
});
