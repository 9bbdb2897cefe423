/** @typedef {readonly [number, number, number]} Version */

/**
 * The first `major.minor[.patch]` in a program's words; undefined when there is none.
 *
 * @param {string} text
 * @returns {Version | undefined}
 */
export function parseVersion(text) {
  const match = /(?<![\d.])(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?/.exec(text);
  if (match === null) return undefined;
  return [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}

/**
 * Negative when a is older than b, 0 when equal, positive when newer.
 *
 * @param {Version} a
 * @param {Version} b
 */
export function compareVersions(a, b) {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/**
 * Whether a version lies in `[from, below)`.
 *
 * @param {Version} version
 * @param {{ from: Version, below?: Version }} range
 */
export function isInRange(version, { from, below }) {
  return compareVersions(version, from) >= 0 && (below === undefined || compareVersions(version, below) < 0);
}

/** @param {Version} version */
export function formatVersion(version) {
  return version.join(".");
}
