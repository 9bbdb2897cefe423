// Run it while `npm start` is up, or with NATS_URL naming another gate.
import { connect } from "@nats-io/transport-node";

const agent = await connect({ servers: process.env.NATS_URL ?? "127.0.0.1:4222" });
const call = { tool: "delete_file", args: { file_id: "17" } };
await agent
  .request("agent.workspace.tool.delete_file", JSON.stringify(call))
  .then((reply) => console.log(`released, and answered: ${reply.string()}`))
  .catch((error) => console.log(`${error.name}: ${error.message}`));
await agent.close();
