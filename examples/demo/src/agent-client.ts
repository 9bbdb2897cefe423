import type { RecordedMessage } from "./recorded-message.ts";

/** One of the official clients, connected to the gate as an agent would be. */
export interface AgentClient {
  /** The npm package and its line, for example `nats 2.x`. */
  readonly name: string;
  /** Sends the message in its way and tells what the client's caller saw, in one short line. Never rejects. */
  send(message: RecordedMessage, payload: Uint8Array): Promise<string>;
  /** Errors that the client told on its status channel since the last call. */
  takeStatusErrors(): readonly string[];
  close(): Promise<void>;
}

/** How long a request of the demonstration waits for its answer. */
export const REQUEST_TIMEOUT_MS = 5_000;
