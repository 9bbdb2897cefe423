import { hash } from "node:crypto";

/** Lower-case hex SHA-256 of bytes, or of a text's UTF-8 bytes. */
export function sha256Hex(data: Uint8Array | string): string {
  return hash("sha256", data, "hex");
}

/** `sha256:<hex>` of a text's UTF-8 bytes. */
export function digestText(text: string): string {
  return `sha256:${hash("sha256", text, "hex")}`;
}

/** `sha256:<hex>` of bytes. */
export function digestBytes(bytes: Uint8Array): string {
  return `sha256:${hash("sha256", bytes, "hex")}`;
}
