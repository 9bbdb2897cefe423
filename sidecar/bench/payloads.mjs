/**
 * Payloads of a tool call of about `sizeBytes`, `distinctCount` of them with an amount of their own: what the payload policy reads. Each has its own note,
 * which no policy reads.
 */
export function* payloads(sizeBytes, distinctCount) {
  for (let i = 0; ; i++) {
    const amount = (i % distinctCount) / 1_000;
    const call = { tool: "send_money", args: { recipient: "CH9300762011623852957", amount, note: `${i % 1_000}` } };
    call.args.note = call.args.note.padEnd(call.args.note.length + sizeBytes - JSON.stringify(call).length, "x");
    yield JSON.stringify(call);
  }
}
