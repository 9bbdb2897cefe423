import { SIGNATURE_ALGORITHMS } from "@cortexos/engine";
import { hostname } from "node:os";
import { z } from "zod";
import { LIMITS, type SidecarLimits } from "./limits.ts";
import { isLoopback } from "./plain-ways.ts";
import { LOG_LEVELS, type SidecarConfig } from "./sidecar-config.ts";
import { budgetsSchema, storesSchema } from "./stores-config.ts";

const name = z.string().min(1).max(256);
const path = z.string().min(1).max(4_096);
const host = z.string().min(1).max(255);
const port = z.int().min(0).max(65_535);

const principal = z.strictObject({
  id: name,
  kind: z.enum(["agent", "service", "human"]).default("agent"),
  roles: z.array(name).max(256).default([]),
  tenant: name,
  onBehalfOf: name.exactOptional(),
});

const caller = z.strictObject({
  principal,
  environment: name,
  labels: z.record(name, z.string().max(4_096)).default({}),
  session: z
    .strictObject({
      prompt: z.string().max(65_536).exactOptional(),
      declared: z.record(z.string(), z.json()).default({}),
    })
    .default({ declared: {} }),
});

const certificateCaller = z.strictObject({
  certificate: z.string().regex(/^(URI|DNS):[^\s",]+$/, "expected `URI:` or `DNS:` and a name of the certificate"),
  caller,
});

const tcpListener = z
  .strictObject({
    kind: z.literal("tcp"),
    host: host.default("127.0.0.1"),
    port: port.default(4_222),
    tls: z
      .strictObject({
        certFile: path,
        keyFile: path,
        clientCaFile: path.exactOptional(),
        handshakeFirst: z.boolean().default(false),
        callers: z.array(certificateCaller).min(1).max(1_024).exactOptional(),
      })
      .refine(({ clientCaFile, callers }) => callers === undefined || clientCaFile !== undefined, {
        error: "callers are told by certificates: give clientCaFile",
      })
      .exactOptional(),
    plaintext: z.literal("accept").exactOptional(),
    caller: caller.exactOptional(),
  })
  .refine(({ tls, caller: one }) => tls?.callers === undefined || one === undefined, {
    error: "tls.callers or caller, not both",
  })
  .refine(({ tls, plaintext, host: at }) => (tls !== undefined || isLoopback(at)) !== (plaintext === "accept"), {
    error: 'off loopback give tls, or "plaintext": "accept" (not both, and neither is needed on loopback)',
  });

const listener = z.discriminatedUnion("kind", [
  tcpListener,
  z.strictObject({ kind: z.literal("unix"), path, caller: caller.exactOptional() }),
]);

const passThrough = z.strictObject({ kind: z.literal("pass-through") });

const heldCredentials = [
  z.strictObject({ kind: z.literal("password"), user: name, passwordFile: path }),
  z.strictObject({ kind: z.literal("token"), tokenFile: path }),
  z.strictObject({ kind: z.literal("nkey"), seedFile: path }),
  z.strictObject({ kind: z.literal("creds"), credsFile: path }),
] as const;

const sidecarCredentials = z.discriminatedUnion("kind", heldCredentials);

const upstreamUrl = z.string().refine(isUpstreamUrl, {
  error:
    "expected `nats://host:port` without user or password (those go into upstream.credentials, TLS into upstream.tls)",
});

const upstreamTls = z
  .strictObject({
    caFile: path.exactOptional(),
    certFile: path.exactOptional(),
    keyFile: path.exactOptional(),
    serverName: host.exactOptional(),
    handshakeFirst: z.boolean().default(false),
  })
  .refine(({ certFile, keyFile }) => (certFile === undefined) === (keyFile === undefined), {
    error: "certFile and keyFile belong together",
  });

const bundle = z
  .strictObject({
    path,
    trustedKeys: z
      .array(
        z.strictObject({
          keyId: name,
          algorithm: z.enum(SIGNATURE_ALGORITHMS).default("EdDSA"),
          publicKeyFile: path,
          scope: name.exactOptional(),
        }),
      )
      .max(64)
      .default([]),
    unsigned: z.literal("accept").exactOptional(),
    stateFolder: path.exactOptional(),
    watch: z.boolean().default(true),
  })
  .refine(({ trustedKeys, unsigned }) => trustedKeys.length > 0 !== (unsigned === "accept"), {
    error: 'whose bundle is believed? give trustedKeys, or "unsigned": "accept" (not both)',
  });

const records = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("jetstream"),
    stream: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, "expected a stream name: letters, digits, _ and -"),
    subject: z.string().regex(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/, "expected a subject without wildcards"),
  }),
  z.strictObject({ kind: z.literal("file"), path }),
  z.strictObject({ kind: z.literal("memory") }),
]);

const audit = z.strictObject({
  checkpoints: z
    .strictObject({
      keyFile: path,
      keyName: z
        .string()
        .regex(/^[A-Za-z0-9_.-]{1,256}$/, "expected letters, digits, _, - or .")
        .exactOptional(),
      place: z.discriminatedUnion("kind", [
        z.strictObject({ kind: z.literal("file"), path }),
        z.strictObject({
          kind: z.literal("jetstream"),
          stream: z
            .string()
            .regex(/^[A-Za-z0-9_-]{1,64}$/, "expected a stream name: letters, digits, _ and -")
            .default("CORTEXOS_CHECKPOINTS"),
        }),
      ]),
    })
    .exactOptional(),
  redaction: z
    .strictObject({
      keyFile: path,
      rules: z
        .array(
          z.strictObject({
            subjects: z.string().min(1).max(256),
            pointers: z.array(z.string().regex(/^\//, "expected a pointer such as /args/card")).max(256).default([]),
            headers: z.array(name).max(256).default([]),
          }),
        )
        .min(1)
        .max(256),
    })
    .exactOptional(),
});

const written = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,64}$/, "expected 1 to 64 letters, digits, _, - or .")
    .default(
      () =>
        `sidecar-${hostname()
          .replaceAll(/[^A-Za-z0-9_.-]/g, "-")
          .slice(0, 56)}`,
    ),
  listeners: z
    .array(listener)
    .min(1)
    .max(16)
    .default([{ kind: "tcp", host: "127.0.0.1", port: 4_222 }]),
  upstream: z.strictObject({
    urls: z.array(upstreamUrl).min(1).max(64),
    order: z.enum(["random", "listed"]).default("random"),
    tls: upstreamTls.exactOptional(),
    credentials: z.discriminatedUnion("kind", [passThrough, ...heldCredentials]).default({ kind: "pass-through" }),
    ownCredentials: sidecarCredentials.exactOptional(),
    proxy: z.strictObject({ seedFile: path }).exactOptional(),
  }),
  caller,
  bundle,
  records: records.default({ kind: "jetstream", stream: "CORTEXOS_AUDIT", subject: "sys.audit.event" }),
  audit: audit.exactOptional(),
  stores: storesSchema.exactOptional(),
  budgets: budgetsSchema.default([]),
  admin: z
    .strictObject({
      host: host.default("127.0.0.1"),
      port: port.default(9_422),
      approvers: z
        .array(z.strictObject({ tokenFile: path, principal }))
        .max(256)
        .default([]),
    })
    .default({ host: "127.0.0.1", port: 9_422, approvers: [] }),
  limits: limitsSchema(),
  log: z.strictObject({ level: z.enum(LOG_LEVELS).default("info") }).default({ level: "info" }),
});

/** The configuration file as it may be written: defaults filled in, unknown keys refused. */
export const configSchema: z.ZodType<SidecarConfig> = written.transform((config) => ({
  ...config,
  stores: config.stores ?? defaultStores(config.records),
}));

/** State is where records are, and nothing more is needed than NATS; who keeps no records there has one process. */
function defaultStores({ kind }: SidecarConfig["records"]): SidecarConfig["stores"] {
  return kind === "jetstream" ? { kind, bucketPrefix: "CORTEXOS", replicas: 1 } : { kind: "memory" };
}

function limitsSchema(): z.ZodType<SidecarLimits> {
  const shape: Record<string, z.ZodType> = {};
  for (const [limit, bound] of Object.entries(LIMITS)) {
    shape[limit] = z.int().min(bound.min).max(bound.max).default(bound.default);
  }
  return z.strictObject(shape).prefault({}).pipe(z.custom<SidecarLimits>());
}

function isUpstreamUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const bare = url.username === "" && url.password === "" && url.search === "" && url.hash === "";
  return bare && url.protocol === "nats:" && url.hostname !== "" && (url.pathname === "" || url.pathname === "/");
}
