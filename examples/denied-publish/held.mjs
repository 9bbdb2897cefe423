// Run it while `npm start` is up, or with NATS_URL naming another gate. It waits a little for a person; approve in another terminal, then or later.
import { connect } from "@nats-io/transport-node";

const agent = await connect({ servers: process.env.NATS_URL ?? "127.0.0.1:4222" });
const call = { tool: "send_money", args: { recipient: "DE89370400440532013000", amount: 4800, subject: "New roof" } };
const reply = await agent.request("agent.banking.tool.send_money", JSON.stringify(call), { timeout: 10_000 });
const code = reply.headers?.get("Nats-Service-Error-Code") ?? "";
const why = reply.headers?.get("Nats-Service-Error") ?? "";
const id = reply.headers?.get("Cortexos-Decision-Id") ?? "";
console.log(code === "" ? `released, and answered: ${reply.string()}` : `${code} ${why}`);
if (code === "428") console.log(`it waits for you: npx cortexos approvals approve ${id}`);
await agent.close();
