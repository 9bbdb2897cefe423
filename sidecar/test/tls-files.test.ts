import { createCertificateAuthority, eventually } from "@cortexos/devkit";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createLogger } from "../src/logger.ts";
import { openTlsFiles, type TlsFiles, type TlsMaterial } from "../src/config/tls-files.ts";

const authority = createCertificateAuthority();
const log = createLogger("silent");

let folder = "";
let files: Required<TlsFiles>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sidecar-tls-"));
  const file = (name: string): string => join(folder, name);
  files = { caFile: file("ca.pem"), certFile: file("cert.pem"), keyFile: file("key.pem") };
  writeFileSync(file("ca.pem"), authority.certificatePem);
  issue();
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function issue(): string {
  const { certificatePem, keyPem } = authority.issue("localhost");
  writeFileSync(files.certFile ?? "", certificatePem);
  writeFileSync(files.keyFile ?? "", keyPem);
  return certificatePem;
}

describe("openTlsFiles", () => {
  it("holds what the files hold, and after a change what they hold then", async () => {
    const seen: TlsMaterial[] = [];
    const keeper = openTlsFiles(files, { log, changed: (material) => seen.push(material) });
    const first = keeper.current();
    expect(String(first.ca)).toBe(authority.certificatePem);
    const certificate = issue();
    await eventually(() => String(keeper.current().cert) === certificate, { what: "the change" });
    expect(keeper.current().context).not.toBe(first.context);
    expect(seen.at(-1)).toBe(keeper.current());
    keeper.close();
  });

  it("keeps the last good material when the files are wrong or gone", () => {
    const keeper = openTlsFiles(files, { log });
    const good = keeper.current();
    writeFileSync(files.keyFile ?? "", authority.issue("other").keyPem);
    keeper.reload();
    expect(keeper.current()).toBe(good);
    rmSync(files.certFile ?? "");
    keeper.reload();
    expect(keeper.current()).toBe(good);
    keeper.close();
  });

  it.each([
    ["a file that isn't there", (): TlsFiles => ({ caFile: join(folder, "none") }), /none: can't be read/],
    ["a folder", (): TlsFiles => ({ caFile: folder }), /can't be read/],
    ["authorities that are none", (): TlsFiles => ({ caFile: write("junk", "junk") }), /junk: can't be read: not PEM/],
    [
      "a certificate that is none",
      (): TlsFiles => ({ ...files, certFile: write("junk", PEM_JUNK) }),
      /don't fit|not cert/,
    ],
    [
      "a key of another certificate",
      (): TlsFiles => ({ ...files, keyFile: write("k", authority.issue("a").keyPem) }),
      /fit/,
    ],
    ["a huge file", (): TlsFiles => ({ caFile: write("huge", " ".repeat(1_048_577)) }), /larger than 1048576 bytes/],
  ])("is refused at start: %s", (_, wrong, message) => {
    expect(() => openTlsFiles(wrong(), { log })).toThrow(
      expect.objectContaining({ code: "tls.invalid", message: expect.stringMatching(message) as string }),
    );
  });
});

const PEM_JUNK = "-----BEGIN CERTIFICATE-----\nanVuaw==\n-----END CERTIFICATE-----\n";

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}
