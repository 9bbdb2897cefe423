#!/usr/bin/env node
// Makes what goes to npm: this package with all that it needs of its siblings and their dependencies in one folder, so that an installation brings nothing
// else along. npm runs it around packing: `--pack` puts the result in place of the compiler's `dist`, `--unpack` takes that back.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { rolldown } from "rolldown";

const PACKAGE = path.resolve(import.meta.dirname, "..");
const PACKAGES = path.resolve(PACKAGE, "..");
const DIST = path.join(PACKAGE, "dist");
/** The compiler's output while the bundle is in its place. */
const BUILT = path.join(PACKAGE, "dist.built");
const BUNDLED = path.join(PACKAGE, "dist.bundled");
const ENTRIES = ["index", "ai", "langchain", "mcp", "openai"];
/** What the program that uses this package brings itself, where it uses it. */
const PEERS = /^(?:@nats-io\/|nats$|ai$|openai$|@langchain\/|@modelcontextprotocol\/)/;

/** opa-wasm's own built-ins, a YAML reader among them, are never reached: the engine answers for all of them. */
const withoutUnusedBuiltins = {
  name: "without-unused-builtins",
  /** @param {string} id */
  load: (id) => (id.endsWith("opa-wasm/src/builtins/index.js") ? "module.exports = {};" : undefined),
};

async function bundle(target) {
  rmSync(target, { recursive: true, force: true });
  const build = await rolldown({
    input: Object.fromEntries(ENTRIES.map((name) => [name, path.join(DIST, `${name}.js`)])),
    external: (id) => id.startsWith("node:") || PEERS.test(id),
    platform: "node",
    treeshake: { moduleSideEffects: false },
    plugins: [withoutUnusedBuiltins],
  });
  await build.write({
    dir: target,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name].js",
    // Of classes that are looked for by name, and for whoever reads a stack.
    keepNames: true,
    minify: { compress: true, mangle: true, codegen: true },
  });
  await build.close();
  for (const name of ENTRIES) copyTypes(path.join(DIST, `${name}.d.ts`), target);
  writeFileSync(path.join(target, "THIRD-PARTY.txt"), TAKEN_ALONG.map(licenceOf).join("\n"));
}

/** Packages whose code is in the bundle. */
const TAKEN_ALONG = ["@bufbuild/protobuf", "@open-policy-agent/opa-wasm", "re2js", "yaml"];

function licenceOf(name) {
  const folder = path.join(PACKAGES, "..", "node_modules", name);
  const { version, license } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((candidate) => /^licen[cs]e(?:\..*)?$/i.test(candidate));
  const text = file === undefined ? "" : readFileSync(path.join(folder, file), "utf8");
  return `${name} ${version} (${license})\n\n${text}`;
}

/** Copies a declaration file and all that it reaches; names of siblings become paths below `types`. */
function copyTypes(file, target, copied = new Set()) {
  if (copied.has(file)) return;
  copied.add(file);
  const goal = goalOf(file, target);
  const text = readFileSync(file, "utf8").replaceAll(/\n\/\/# sourceMappingURL=.*$/g, "");
  const rewritten = text.replaceAll(/((?:from |import\())"([^"]+)"/g, (whole, before, name) => {
    const reached = declarationOf(name, file);
    if (reached === undefined) return whole;
    copyTypes(reached, target, copied);
    const relative = path.relative(path.dirname(goal), goalOf(reached, target)).replace(/\.d\.ts$/, ".js");
    return `${before}"${relative.startsWith(".") ? relative : `./${relative}`}"`;
  });
  mkdirSync(path.dirname(goal), { recursive: true });
  writeFileSync(goal, withoutBundled(rewritten));
}

/** Types of packages whose code was taken along are no part of what this package shows. */
function withoutBundled(text) {
  return text.replaceAll(/^import (?:type )?\{([^}]*)\} from "((?!node:)[^."][^"]*)";$/gm, (whole, names, from) =>
    PEERS.test(from)
      ? whole
      : names
          .split(",")
          .map((name) => `type ${name.replace(/^\s*type /, "").trim()} = unknown;`)
          .join("\n"),
  );
}

/**
 * @param {string} name
 * @param {string} from
 */
function declarationOf(name, from) {
  if (name.startsWith(".")) return path.resolve(path.dirname(from), name).replace(/\.[jt]s$/, ".d.ts");
  const sibling = /^@cortexos\/([a-z]+)$/.exec(name)?.[1];
  return sibling === undefined ? undefined : path.join(PACKAGES, sibling, "dist", "index.d.ts");
}

/**
 * @param {string} file
 * @param {string} target
 */
function goalOf(file, target) {
  if (file.startsWith(DIST)) return path.join(target, path.relative(DIST, file));
  const [name, , ...rest] = path.relative(PACKAGES, file).split(path.sep);
  return path.join(target, "types", name, ...rest);
}

/** Also after a packing that ended in the middle. */
function unpack() {
  if (!existsSync(BUILT)) return;
  rmSync(DIST, { recursive: true, force: true });
  renameSync(BUILT, DIST);
}

const [command] = process.argv.slice(2);
unpack();
if (command === "--pack") {
  await bundle(BUNDLED);
  renameSync(DIST, BUILT);
  renameSync(BUNDLED, DIST);
} else if (command !== "--unpack") {
  await bundle(command ?? BUNDLED);
}
