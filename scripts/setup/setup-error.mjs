/** A set-up step failed in a way the reader can mend; `message` is the one line they see. */
export class SetupError extends Error {
  /** @override */
  name = "SetupError";
}
