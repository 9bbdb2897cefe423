import { connect } from "@nats-io/transport-node"; // or from "nats"
import { guard } from "@cortexos/sdk";
import { gate, servers } from "./gate.mjs";

const nc = guard(await connect({ servers }), gate);
try {
  nc.publish("mail.send", JSON.stringify({ to: "everybody", body: "hello" }));
} catch (error) {
  console.log(`${error.name}: ${error.message.split(" id=")[0]}`);
}
await nc.close();
