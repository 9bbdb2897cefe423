import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { writingCallSites } from "./call-sites.ts";

const known = JSON.parse(readFileSync(new URL("known-call-sites.json", import.meta.url), "utf8")) as Readonly<
  Record<string, readonly string[]>
>;

/** All of them end in the `publish` of the protocol handler, which is guarded, or in a method below it that is. */
const GUARDED = [
  // The connection's own, and what is derived from it: they call the protocol handler.
  /: (?:this|nc|nci|api\.nc|this\.nc|this\.js)\.(?:publish|publishMessage|respondMessage)$/,
  /: this\.protocol\.publish$/,
  // A message's publisher is the protocol handler.
  /: (?:this\.|msg\.)?publisher\.publish$/,
  /: proto\.publish$/,
  /: (?:m|msg|this\.msg|jsmi\.msg)\.respond$/,
  // Below it: guarded, or without anything of a caller's in it.
  /protocol\.js: (?:_sub|unsub|publish): this\.sendCommand$/,
  /protocol\.js: (?:sendCommand|flush): this\.outbound\.fill$/,
  /protocol\.js: (?:flushPending|processInfo|processPing|sendSubscriptions): this\.transport\.send$/,
  /_transport\.js: .*\.socket\.(?:write|send)$/,
];

/** Buffers in memory. */
const NO_SOCKET =
  /^(?:.*denobuffer\.js: .*|.*parser\.js: parse: this\.(?:arg|msg)Buf\.write|.*objectstore\.js: \w+: (?:db|buf)\.fill|.*setupHandlers: _b\.write)$/;

describe.each(Object.keys(known))("the sources of %s", (name) => {
  it("write at the places that are known, and at no other", () => {
    expect(writingCallSites(name)).toEqual(known[name]);
  });

  it("write by nothing that goes past the gate", () => {
    const past = writingCallSites(name).filter(
      (site) => !NO_SOCKET.test(site) && !GUARDED.some((way) => way.test(site)),
    );
    expect(past).toEqual([]);
  });
});
