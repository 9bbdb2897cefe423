import { connect } from "@nats-io/transport-node";
import { guard } from "@cortexos/sdk";
import { gate, servers } from "./gate.mjs";

const nc = guard(await connect({ servers }), gate);
const sent = nc.submit("mail.send", JSON.stringify({ to: "press", body: "we did it" }));
const [hold] = await nc.approvals.list();
console.log(`${hold.decision.outcome}: waits for ${hold.decision.hold.approvers}`);
const ada = { id: "ada", kind: "human", roles: ["EDITOR"], tenant: "acme", authenticated_by: "sso" };
await nc.approvals.approve(hold.id, ada);
console.log(`${(await sent).outcome}: sent`);
await nc.close();
