import { readFileSync, statSync } from "node:fs";
import { reasonText, SidecarError } from "../sidecar-error.ts";
import { SECRET_BYTES_MAX } from "./limits.ts";

/**
 * Reads a secret from its file, without the blanks around it.
 *
 * @throws SidecarError `secret.unreadable`; its message never holds a part of the secret.
 */
export function readSecret(file: string): string {
  const secret = readFile(file).trim();
  if (secret === "") throw new SidecarError("secret.unreadable", `${file}: the secret's file is empty`);
  return secret;
}

function readFile(file: string): string {
  try {
    if (statSync(file).size > SECRET_BYTES_MAX) throw new Error(`larger than ${SECRET_BYTES_MAX} bytes`);
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new SidecarError("secret.unreadable", `${file}: can't read the secret: ${reasonText(cause)}`, { cause });
  }
}
