/** The demonstration can't go on; the message is the one line that its user sees. */
export class DemoError extends Error {
  override readonly name = "DemoError";
}
