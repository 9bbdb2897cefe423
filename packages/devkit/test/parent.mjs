// A parent to be ended in different ways: starts a process and a folder through the package's sources, then waits.
import { createViteServer } from "vitest/node";

const server = await createViteServer({
  configFile: false,
  root: new URL("..", import.meta.url).pathname,
  appType: "custom",
  server: { middlewareMode: true, ws: false },
});
const { createTempDir, startProcess } = await server.ssrLoadModule("/src/index.ts");
const folder = createTempDir("orphan");
const child = await startProcess("/bin/sh", ["-c", "trap '' TERM; while :; do sleep 600; done"]);
process.stdout.write(`ready ${child.pid} ${folder.path}\n`);
process.stdin.once("data", () => process.exit(0));
