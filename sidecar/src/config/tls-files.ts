import { readFileSync, statSync } from "node:fs";
import { createSecureContext, type SecureContext } from "node:tls";
import type { Logger } from "../logger.ts";
import { reasonText, SidecarError } from "../sidecar-error.ts";
import { PEM_BYTES_MAX } from "./limits.ts";

const WATCH_INTERVAL_MS = 250;

/** Files of one end of TLS connections, all PEM. */
export interface TlsFiles {
  /** Whose certificates are believed; the system's authorities where it is absent. */
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** What the files hold. */
export interface TlsMaterial {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly context: SecureContext;
}

/** Certificates and keys that follow their files; connections that are there keep what they began with. */
export interface TlsKeeper {
  current(): TlsMaterial;
  /** Reads the files again. Never throws: what can't be taken leaves the last good material in place. */
  reload(): void;
  close(): void;
}

export interface TlsKeeperOptions {
  readonly log: Logger;
  /** Told of new material. */
  changed?(material: TlsMaterial): void;
}

/**
 * Reads the files now and whenever they change.
 *
 * @throws SidecarError `tls.invalid` for what can't be taken at start.
 */
export function openTlsFiles(files: TlsFiles, options: TlsKeeperOptions): TlsKeeper {
  const { log } = options;
  let version = versionOf(files);
  let material = readMaterial(files);
  const reload = (): void => {
    // Before the files are read: a change meanwhile is then seen by the next look.
    version = versionOf(files);
    try {
      material = readMaterial(files);
    } catch (reason) {
      log.error({ reason: reasonText(reason) }, "new certificates can't be taken; the last good ones stay");
      return;
    }
    log.info({ files: namesOf(files) }, "certificates were read again");
    options.changed?.(material);
  };
  const watching = setInterval(() => {
    if (versionOf(files) !== version) reload();
  }, WATCH_INTERVAL_MS).unref();
  return {
    current: () => material,
    reload,
    close: () => {
      clearInterval(watching);
    },
  };
}

function readMaterial({ caFile, certFile, keyFile }: TlsFiles): TlsMaterial {
  const options = {
    ...(caFile !== undefined && { ca: readPem(caFile) }),
    ...(certFile !== undefined && { cert: readPem(certFile) }),
    ...(keyFile !== undefined && { key: readPem(keyFile) }),
  };
  try {
    return { ...options, context: createSecureContext(options) };
  } catch (cause) {
    const names = namesOf({ caFile, certFile, keyFile }).join(", ");
    throw new SidecarError("tls.invalid", `${names}: not certificates and key that fit: ${reasonText(cause)}`, {
      cause,
    });
  }
}

function readPem(file: string): Buffer {
  try {
    if (statSync(file).size > PEM_BYTES_MAX) throw new Error(`larger than ${PEM_BYTES_MAX} bytes`);
    const pem = readFileSync(file);
    // Node takes a file of authorities without any for one that trusts nobody.
    if (!pem.includes("-----BEGIN ")) throw new Error("not PEM");
    return pem;
  } catch (cause) {
    throw new SidecarError("tls.invalid", `${file}: can't be read: ${reasonText(cause)}`, { cause });
  }
}

function namesOf({ caFile, certFile, keyFile }: TlsFiles): readonly string[] {
  return [caFile, certFile, keyFile].filter((file) => file !== undefined);
}

/** Tells one content of the files from another without reading them. */
function versionOf(files: TlsFiles): string {
  return namesOf(files).map(fileVersion).join(" ");
}

function fileVersion(file: string): string {
  try {
    const { ino, size, mtimeNs } = statSync(file, { bigint: true });
    return `${ino}/${size}/${mtimeNs}`;
  } catch {
    return "none";
  }
}
