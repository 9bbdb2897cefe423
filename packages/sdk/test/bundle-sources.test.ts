import { createTempDir, eventually, startNatsServer, type NatsServer, type TempDir } from "@cortexos/devkit";
import { Objm } from "@nats-io/obj";
import { connect } from "@nats-io/transport-node";
import { connect as connectV2 } from "nats";
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  fileBundle,
  httpBundle,
  objectStoreBundle,
  openGuard,
  permitToolCall,
  type BundleOption,
  type Guard,
  type GuardEvent,
} from "../src/index.ts";
import { guardOptions } from "./agents.ts";
import { buildTestBundle, type TestBundle } from "./test-bundle.ts";

const rule = (reason: string): string => `# METADATA
# title: Says
# description: Allows tools and says which bundle it is.
package cortexos.rules.test.says

allow contains {"reason": "${reason}"} if input.action
`;

let first: TestBundle;
let second: TestBundle;
let older: TestBundle;
let guard: Guard;
let events: GuardEvent[] = [];
beforeAll(async () => {
  first = await buildTestBundle(rule("the first"), { revision: 2 });
  second = await buildTestBundle(rule("the second"), { revision: 3 });
  older = await buildTestBundle(rule("the older"), { revision: 1 });
});
beforeEach(() => {
  events = [];
});
afterEach(async () => guard.close());

const opened = (bundle: BundleOption): Guard => {
  guard = openGuard(guardOptions(first, { bundle, onEvent: (event) => events.push(event) }));
  return guard;
};
const decided = async (): Promise<string> => (await permitToolCall(guard, { name: "t", args: {} })).decision.reason;
const becomes = async (reason: string): Promise<boolean> =>
  eventually(async () => (await decided()) === reason, { what: reason });
const refusals = (): readonly string[] => events.flatMap((e) => (e.kind === "bundle_refused" ? [e.code] : []));

describe("bytes", () => {
  it("decide at once, whatever becomes of the caller's buffer", async () => {
    const bytes = Buffer.from(first.bytes);
    opened(bytes);
    bytes.fill(0);
    expect(await decided()).toBe("the first");
    expect(events).toEqual([{ kind: "bundle_activated", digest: first.digest, revision: 2 }]);
  });

  it.each([
    ["unsigned ones are not accepted", (bytes: Uint8Array) => bytes.subarray(0, 100), "bundle.archive"],
    ["a changed byte is found", (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.from("x")]), "bundle.archive"],
  ])("%s", async (_, change, code) => {
    opened(change(first.bytes));
    await expect(decided()).rejects.toThrow("bundle.missing");
    expect(refusals()).toEqual([code]);
  });
});

describe("fileBundle", () => {
  let folder: TempDir;
  let path: string;
  beforeEach(() => {
    folder = createTempDir("file-bundle");
    path = join(folder.path, "bundle.tar.gz");
  });
  afterEach(() => {
    folder.remove();
  });

  it("is there at once, follows its file, and keeps the last good one", async () => {
    writeFileSync(path, first.bytes);
    opened(fileBundle(path, { pollMs: 10 }));
    await guard.ready();
    expect(await decided()).toBe("the first");
    writeFileSync(path, second.bytes);
    await becomes("the second");
    for (const [bytes, code] of [
      [Buffer.from("no bundle"), "bundle.archive"],
      [older.bytes, "bundle.revision"],
    ] as const) {
      writeFileSync(path, bytes);
      await eventually(() => refusals().includes(code));
      expect(await decided()).toBe("the second");
    }
  });

  it("may come later", async () => {
    opened(fileBundle(path, { pollMs: 10 }));
    await expect(decided()).rejects.toThrow("bundle.missing");
    writeFileSync(path, first.bytes);
    await guard.ready();
    expect(await decided()).toBe("the first");
    expect(refusals()).toEqual(["bundle.source"]);
  });

  it("is looked at again when it is told to", async () => {
    writeFileSync(path, first.bytes);
    opened(fileBundle(path, { pollMs: 0 }));
    writeFileSync(path, second.bytes);
    expect(await decided()).toBe("the first");
    await guard.reload();
    expect(await decided()).toBe("the second");
  });
});

describe("httpBundle", () => {
  let server: Server;
  let url: string;
  let served: { bytes: Uint8Array; etag: string; status: number };
  const statuses: number[] = [];
  beforeAll(async () => {
    server = createServer((request, answer) => {
      const status = request.headers["if-none-match"] === served.etag ? 304 : served.status;
      statuses.push(status);
      answer.writeHead(status, { etag: served.etag, location: "/elsewhere" });
      answer.end(status === 200 ? served.bytes : undefined);
    });
    await new Promise<void>((listening) => {
      server.listen(0, "127.0.0.1", listening);
    });
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/b.tar.gz?token=s3`;
  });
  beforeEach(() => {
    served = { bytes: first.bytes, etag: '"1"', status: 200 };
    statuses.length = 0;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it("is fetched once for each ETag", async () => {
    opened(httpBundle(url, { pollMs: 10 }));
    await guard.ready();
    expect(await decided()).toBe("the first");
    await eventually(() => statuses.filter((status) => status === 304).length > 2);
    expect(statuses.filter((status) => status === 200)).toEqual([200]);
    served = { bytes: second.bytes, etag: '"2"', status: 200 };
    await becomes("the second");
  });

  it.each([404, 500, 302])(
    "keeps the last good one when the server answers %d, and shows no secret of its address",
    async (status) => {
      opened(httpBundle(url, { pollMs: 10 }));
      await guard.ready();
      served = { bytes: second.bytes, etag: '"3"', status };
      await eventually(() => refusals().length > 0);
      expect(await decided()).toBe("the first");
      expect(JSON.stringify(events.filter((e) => e.kind === "bundle_refused"))).not.toContain("s3");
    },
  );

  it("rejects who waits when the guard is closed first", async () => {
    served = { ...served, status: 404 };
    const waiting = opened(httpBundle(url, { pollMs: 10 })).ready();
    await Promise.all([guard.close(), expect(waiting).rejects.toMatchObject({ code: "guard.closed" })]);
  });
});

describe("objectStoreBundle", () => {
  let nats: NatsServer;
  beforeAll(async () => {
    nats = await startNatsServer();
  });
  afterAll(async () => nats.stop());

  it("follows its object in a store of the newer line", async () => {
    const nc = await connect({ servers: nats.url });
    const store = await new Objm(nc).create("bundles3");
    await store.putBlob({ name: "policy" }, first.bytes);
    opened(objectStoreBundle(store, { name: "policy" }));
    await guard.ready();
    expect(await decided()).toBe("the first");
    await store.putBlob({ name: "policy" }, second.bytes);
    await becomes("the second");
    await store.putBlob({ name: "policy" }, Buffer.from("no bundle"));
    await eventually(() => refusals().includes("bundle.archive"));
    expect(await decided()).toBe("the second");
    await nc.close();
  });

  it("follows its object in a store of the older line", async () => {
    const nc = await connectV2({ servers: nats.url });
    const store = await nc.jetstream().views.os("bundles2");
    await store.putBlob({ name: "policy" }, first.bytes);
    opened(objectStoreBundle(store, { name: "policy" }));
    await guard.ready();
    await store.putBlob({ name: "policy" }, second.bytes);
    expect(await becomes("the second")).toBe(true);
    await nc.close();
  });
});
