import { describe, expect, it } from "vitest";
import { readOptions } from "./options.ts";

describe("readOptions", () => {
  it("takes the ports that the documents name unless told otherwise", () => {
    expect(readOptions([])).toEqual({ once: false, json: false, ports: { gate: 4222, admin: 9422, nats: 4322 } });
    expect(readOptions(["--once", "--port", "5222"])).toMatchObject({ once: true, ports: { gate: 5222, nats: 4322 } });
  });

  it.each([
    ["an unknown option", ["--onec"], /^Unknown option '--onec'; npm start -- --help lists the options$/],
    ["a word", ["once"], /^Unexpected argument 'once'; npm start -- --help/],
    ["a port that is none", ["--nats-port", "70000"], /^--nats-port 70000: expected a port from 1 to 65535$/],
  ])("refuses %s in one line", (_, args, message) => {
    expect(() => readOptions(args)).toThrow(message);
  });
});
