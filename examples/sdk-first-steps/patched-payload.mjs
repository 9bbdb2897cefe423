import { connect } from "@nats-io/transport-node";
import { guard } from "@cortexos/sdk";
import { gate, servers } from "./gate.mjs";

const nc = guard(await connect({ servers }), gate);
const inbox = nc.subscribe("mail.send", { max: 1 });
nc.publish("mail.send", JSON.stringify({ to: "ada", body: "pay with 4111111111111111" }));
for await (const message of inbox) console.log(message.string());
await nc.close();
