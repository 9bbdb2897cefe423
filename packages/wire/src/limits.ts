/** Longest argument part of a client's control line, in bytes; nats-server's default of `max_control_line`. */
export const CONTROL_LINE_BYTES_MAX = 4_096;

/** Largest publish (headers and payload) until the server's INFO says less, in bytes; nats-server's default of `max_payload`. */
export const PAYLOAD_BYTES_MAX = 1_048_576;

/** Most client operations that wait behind an undecided publish; then the client is paused. */
export const QUEUE_COUNT_MAX = 4_096;

/** Most bytes of client frames that wait behind an undecided publish; then the client is paused. At most one frame more is kept. */
export const QUEUE_BYTES_MAX = 8_388_608;

/** Most bytes that wait to be put between two server frames; then the client is paused. */
export const INJECTED_BYTES_MAX = 1_048_576;

/** Most open subscriptions of one connection. */
export const SUBSCRIPTION_COUNT_MAX = 65_536;

/** Most bytes of their subjects, queues and ids. */
export const SUBSCRIPTION_BYTES_MAX = 4_194_304;

/** Longest line of the server, in bytes; INFO is the long one. */
export const SERVER_LINE_BYTES_MAX = 1_048_576;

/** Most subjects remembered for one connection, with what was last said about them. */
export const SUBJECT_TABLE_COUNT_MAX = 1_024;

/** Longest text between the quotes of an `-ERR` line, in bytes: one client library copies it into 256 bytes. */
export const ERR_TEXT_BYTES_MAX = 240;

/** Longest reason of a refusal on the wire, in characters. */
export const REFUSAL_REASON_CHARS_MAX = 180;
