import { guardTool, openGuard } from "@cortexos/sdk";
import { gate } from "./gate.mjs";

const guard = openGuard(gate);
const read = guardTool("read_file", ({ path }) => `contents of ${path}`, { guard });
const remove = guardTool("delete_file", () => "gone", { guard });
console.log(await read({ path: "notes.md" }));
await remove({ path: "notes.md" }).catch((error) => console.log(`${error.code}: ${error.message.split(" (")[0]}`));
await guard.close();
