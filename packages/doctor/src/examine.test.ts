import { describe, expect, it } from "vitest";
import { examine, hasFault } from "./examine.ts";
import type { Fields } from "./fields.ts";
import { parseNatsConfig } from "./nats-config.ts";

const SAFE_VARZ = {
  server_id: "N",
  server_name: "n1",
  version: "2.15.2",
  auth_required: true,
  http_host: "127.0.0.1",
  http_port: 8222,
  proxies: { trusted: [{ key: "U" }] },
  jetstream: { config: { store_dir: "/d", sync_always: true } },
};
const SAFE_STREAM = {
  name: "AUDIT",
  subjects: ["sys.audit.event.>"],
  retention: "limits",
  storage: "file",
  discard: "new",
  deny_delete: true,
  deny_purge: true,
  max_age: 0,
};
const BOUND = "authorization { users: [ {user: agent, proxy_required: true}, {user: sidecar} ] }";

interface Given {
  readonly varz?: Fields;
  readonly config?: string;
  readonly stream?: Fields;
}

function found({ varz = {}, config = BOUND, stream = {} }: Given): readonly string[] {
  const { findings } = examine({
    varz: { ...SAFE_VARZ, ...varz },
    jsz: { account_details: [{ name: "A", stream_detail: [{ config: { ...SAFE_STREAM, ...stream } }] }] },
    config: parseNatsConfig(
      { file: "x", text: config },
      { include: () => ({ file: "", text: "" }), variable: () => undefined },
    ),
    ownUsers: ["sidecar"],
    audit: { stream: "AUDIT", subject: "sys.audit.event" },
  });
  return findings.map(({ id, severity }) => `${severity} ${id}`);
}

describe("examine", () => {
  it("finds nothing in a deployment that is closed", () => {
    expect(found({})).toEqual([]);
  });

  it.each<[string, Given, readonly string[]]>([
    ["an old server", { varz: { version: "2.11.9" } }, ["bypass server.version"]],
    ["a version nobody knows", { varz: { version: "main" } }, ["unknown server.version"]],
    ["no authentication", { varz: { auth_required: false } }, ["bypass server.open"]],
    ["no trusted proxy", { varz: { proxies: undefined } }, ["bypass server.no_trusted_proxy"]],
    [
      "late disks",
      { varz: { jetstream: { config: { store_dir: "/d", sync_interval: 120e9 } } } },
      ["loss jetstream.sync_interval"],
    ],
    ["no JetStream", { varz: { jetstream: {} } }, ["loss jetstream.off"]],
    ["open monitoring", { varz: { http_host: "0.0.0.0" } }, ["notice monitor.open"]],
    ["a free user", { config: "authorization { users: [ {user: x} ] }" }, ["bypass user.free"]],
    [
      "a free user of an account",
      { config: `${BOUND}\naccounts { A { users: [ {nkey: UX} ] } }` },
      ["bypass user.free"],
    ],
    ["the one user", { config: "authorization { user: x, password: y }" }, ["bypass user.free"]],
    ["a token", { config: "authorization { token: x }" }, ["bypass user.free"]],
    [
      "a setting that binds nobody",
      { config: "authorization { proxy_required: true, users: [ {user: x, proxy_required: true} ] }" },
      ["bypass user.ignored_setting"],
    ],
    ["a user for everybody", { config: `${BOUND}\nno_auth_user: sidecar` }, ["bypass user.no_auth"]],
    [
      "leaf nodes of their own",
      { config: `${BOUND}\nleafnodes { authorization { user: l } }` },
      ["bypass leafnodes.authorization"],
    ],
    ["an open cluster", { config: `${BOUND}\ncluster { listen: 0.0.0.0:6222 }` }, ["bypass cluster.open"]],
    ["JWTs", { config: `${BOUND}\noperator: x` }, ["unknown user.elsewhere"]],
    ["a stream that publishes", { stream: { republish: { src: ">", dest: "x.>" } } }, ["notice stream.republish"]],
    [
      "a stream that sends later",
      { stream: { allow_msg_schedules: true } },
      ["loss audit.unsafe", "notice stream.schedules"],
    ],
    ["records that can be deleted", { stream: { deny_delete: false } }, ["loss audit.unsafe"]],
    ["a missing stream", { stream: { name: "OTHER" } }, ["notice audit.missing"]],
    [
      "other listeners, where somebody is free",
      {
        varz: { mqtt: { port: 1883 }, websocket: { port: 443 }, leaf: { port: 7422 } },
        config: "authorization { users: [ {user: x} ] }",
      },
      ["bypass user.free", "bypass listener.websocket", "bypass listener.mqtt", "bypass listener.leaf"],
    ],
    ["other listeners, where everybody is bound", { varz: { mqtt: { port: 1883 }, websocket: { port: 443 } } }, []],
    ["a cluster that knows its servers", { config: `${BOUND}\ncluster { port: 6222, tls { verify: true } }` }, []],
  ])("finds %s", (_what, given, expected) => {
    expect(found(given)).toEqual(expected);
  });

  it("can't tell without the configuration, and says so", () => {
    const report = examine({ varz: { ...SAFE_VARZ, mqtt: { port: 1883 } }, jsz: {}, ownUsers: [] });
    expect(report.findings.map(({ id }) => id)).toEqual(["listener.mqtt", "config.unread"]);
    expect(hasFault(report)).toBe(true);
  });

  it("takes an answer that says nothing for the worst", () => {
    const { findings } = examine({ varz: {}, jsz: {}, ownUsers: [] });
    expect(findings.map(({ id }) => id)).toContain("server.open");
  });
});
