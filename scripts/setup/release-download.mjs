import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { listZip } from "./zip.mjs";

const FETCH_TIMEOUT_MS = 5 * 60_000;
const DOWNLOAD_BYTES_MAX = 256 * 1024 * 1024;
const ARCHES = { x64: "amd64", arm64: "arm64" };
const SYSTEMS = { linux: "linux", darwin: "darwin", win32: "windows" };

/**
 * Downloads a tool from its project's release page and holds it against the checksum published beside it. That guards
 * against a damaged download, not against a forged release page; hence it is the last resort.
 *
 * @param {import("./tool-table.mjs").Tool} tool
 * @param {string} staging
 * @param {{ fetch?: typeof globalThis.fetch, platform?: string, arch?: string }} [options]
 * @returns {Promise<string>} the program's path
 */
export async function downloadRelease({ name, release }, staging, options = {}) {
  const { fetch = globalThis.fetch, platform = process.platform, arch = process.arch } = options;
  if (release === undefined) throw new Error("no release page is known");
  const os = SYSTEMS[platform];
  const cpu = ARCHES[arch];
  if (os === undefined || cpu === undefined) throw new Error(`no release for ${platform} on ${arch}`);
  const asset = release.asset({ os, arch: cpu });
  const sums = await get(fetch, release.baseUrl + release.checksums(asset));
  const content = await get(fetch, release.baseUrl + asset);
  const sum = createHash("sha256").update(content).digest("hex");
  if (sum !== checksumOf(sums.toString("utf8"), asset)) throw new Error(`checksum of ${asset} does not match`);
  const file = path.join(staging, name);
  writeFileSync(file, asset.endsWith(".zip") ? programOf(content, name) : content);
  return file;
}

/**
 * The SHA-256 of one file in a checksum file: lines of `<hex>  <name>`, or a lone hash.
 *
 * @param {string} text
 * @param {string} asset
 */
export function checksumOf(text, asset) {
  for (const line of text.split("\n")) {
    const [hash, name] = line.trim().split(/\s+\*?/);
    if (/^[0-9a-f]{64}$/.test(hash) && (name === undefined || name === asset)) return hash;
  }
  throw new Error(`no checksum of ${asset} is published`);
}

function programOf(archive, name) {
  const entry = listZip(archive).find((each) => path.posix.basename(each.name) === name);
  if (entry === undefined) throw new Error(`no ${name} in the release`);
  return entry.read();
}

/**
 * @param {typeof globalThis.fetch} fetch
 * @param {string} url
 */
async function get(fetch, url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  if (Number(response.headers.get("content-length") ?? 0) > DOWNLOAD_BYTES_MAX) throw new Error(`${url} is too large`);
  return Buffer.from(await response.arrayBuffer());
}
