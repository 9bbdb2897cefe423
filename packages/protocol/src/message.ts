/** One header line: name and value as they were written, without the colon, the blanks around the value or CRLF. */
export type HeaderField = readonly [name: string, value: string];

/** One thing an agent wants to publish. */
export interface Message {
  /** NATS subject; valid by {@link checkPublishSubject}. */
  readonly subject: string;
  /** Reply subject, or the empty string for none. */
  readonly reply: string;
  /** Header lines in order; names may repeat. */
  readonly headers: readonly HeaderField[];
  /** Body bytes; at most the connection's `max_payload`. Not mutated by whoever holds the message. */
  readonly payload: Uint8Array;
}

/** Another publish that releasing a message can cause (design §4, `message.effects[]`). */
export interface MessageEffect {
  readonly kind:
    | "reply"
    | "schedule_target"
    | "schedule_source"
    | "trace_destination"
    | "stream_republish"
    | "stream_source"
    | "stream_transform"
    | "stream_purge"
    | "stream_delete"
    | "message_delete"
    | "rollup"
    | "consumer_delivery"
    /** A request to JetStream's API under another prefix. */
    | "external_api"
    /** `Nats-Msg-Id`: a later message with the same one is dropped. */
    | "message_id"
    /** `Nats-Expected-…`: the message is stored, or not, by what is there. */
    | "expectation"
    | "time_to_live"
    /** `Nats-Batch-…`: other messages are stored or dropped with this one. */
    | "batch"
    /** `Nats-Incr`: what is stored is another value. */
    | "counter"
    /** A request or header that may do anything: nothing is known of it. */
    | "unknown";
  /** Subject, stream or filter that the effect touches. */
  readonly subject: string;
}
