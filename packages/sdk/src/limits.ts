/** Messages of one connection that wait for their record or a decision; a further one is refused with `queue.full`. */
export const GUARD_QUEUE_COUNT_MAX = 65_536;

/** Payload bytes of those. */
export const GUARD_QUEUE_BYTES_MAX = 33_554_432;

/** Longest wait of `close()` for what is queued, in milliseconds. */
export const CLOSE_WAIT_MS_MAX = 10_000;

/** Longest wait of a throttled message for its turn unless told otherwise, in milliseconds. */
export const THROTTLE_WAIT_MS_DEFAULT = 250;

/** Decisions that `explain()` remembers; the oldest are forgotten first. */
export const EXPLAINED_COUNT_MAX = 1_000;

/** Payload bytes of those. */
export const EXPLAINED_BYTES_MAX = 16_777_216;

/** Decisions that wait for one reader of `decisions()`; the oldest are left out first. */
export const FEED_COUNT_MAX = 10_000;

/** Data-flow labels of one session; a session with more is given {@link LABELS_OVERFLOW} in their place. */
export const LABEL_COUNT_MAX = 64;

/** Longest data-flow label, in characters. */
export const LABEL_CHARS_MAX = 64;

/** Subjects for which it is remembered whether a standing decision exists. */
export const STANDING_SUBJECT_COUNT_MAX = 1_024;

/** Time between two looks at a bundle's file, in milliseconds. */
export const FILE_POLL_MS = 1_000;

/** Time between two questions to a bundle's HTTP server, in milliseconds. */
export const HTTP_POLL_MS = 30_000;

/** Longest time for one answer of a bundle's HTTP server, in milliseconds. */
export const HTTP_ANSWER_MS_MAX = 10_000;
