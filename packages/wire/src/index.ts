export {
  CONTROL_LINE_BYTES_MAX,
  ERR_TEXT_BYTES_MAX,
  INJECTED_BYTES_MAX,
  PAYLOAD_BYTES_MAX,
  QUEUE_BYTES_MAX,
  QUEUE_COUNT_MAX,
  REFUSAL_REASON_CHARS_MAX,
  SERVER_LINE_BYTES_MAX,
  SUBJECT_TABLE_COUNT_MAX,
  SUBSCRIPTION_BYTES_MAX,
  SUBSCRIPTION_COUNT_MAX,
} from "./limits.ts";
export { decisionRefusal } from "./decision-refusal.ts";
export { refusalErrorText, refusalReply, type RefusalReply } from "./refusal-text.ts";
export { createProxySession } from "./session.ts";
export type {
  ClientConnect,
  ClientLeg,
  ConnectCredentials,
  ConnectVerdict,
  ProxyHost,
  ProxySession,
  ProxySessionOptions,
  PublishRefusal,
  PublishVerdict,
  ServerInfo,
  StandingChoice,
  StandingVerdict,
  WireFault,
} from "./session-types.ts";
export { isWireError, WIRE_ERRORS, WireError, type WireErrorCode } from "./wire-error.ts";

// For those who build other ways in: the codec by itself.
export { CLIENT_OPERATIONS, type ClientFrame, type ClientOperation } from "./client-frame.ts";
export {
  createClientFrameParser,
  type ClientFrameParser,
  type ClientFrameParserOptions,
} from "./client-frame-parser.ts";
export type { ClientFault } from "./fault.ts";
export { createOrderedQueue, type OrderedQueue, type OrderedQueueOptions, type QueueEntry } from "./ordered-queue.ts";
export { serialiseDelivery, serialiseError, serialisePublish, type Delivery } from "./serialise.ts";
export {
  createServerFrameParser,
  type ServerFrame,
  type ServerFrameParser,
  type ServerOperation,
} from "./server-frame-parser.ts";
