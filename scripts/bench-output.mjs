import path from "node:path";

/**
 * Where the results of a benchmark go: `packages/wire/bench/parse.bench.mjs` is kept as `wire-parse.json`.
 *
 * @param {string} file
 */
export function benchResultName(file) {
  const workspace = path.basename(path.dirname(path.dirname(file)));
  const name = path.basename(file).replace(/(?:\.bench)?\.mjs$/, "");
  return `${workspace}-${name}.json`;
}

/**
 * Parts what a benchmark printed into results (lines that are JSON objects) and the lines for people.
 *
 * @param {string} stdout
 * @returns {{ results: object[], printed: string[] }}
 */
export function splitBenchOutput(stdout) {
  const results = [];
  const printed = [];
  for (const line of stdout.split("\n")) {
    const result = parseObject(line);
    if (result !== undefined) results.push(result);
    else if (line.trim() !== "") printed.push(line);
  }
  return { results, printed };
}

/** @param {string} line */
function parseObject(line) {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
