// What the examples decide with: a bundle that `cortexos policy build policies --out policy.tar.gz` made.
export const gate = {
  bundle: "policy.tar.gz",
  trust: { unsigned: "accept" }, // for trials; else { trustedKeys: [{ keyId, algorithm, publicKeyPem }] }
  principal: { id: "agent-7", tenant: "acme" },
  environment: "dev",
};
export const servers = process.env.NATS_URL ?? "127.0.0.1:4222";
