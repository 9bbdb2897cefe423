import type { ThrottleAnswer } from "@cortexos/kernel";

/** Longest key, in UTF-16 units; a longer one is never admitted. */
export const THROTTLE_KEY_CHARS_MAX = 2_048;

/** Of a limit that makes no sense, a key that is too long, a store that is full: a try again that is worth it. */
export const BUCKET_REFUSAL: ThrottleAnswer = { admitted: false, retryAfterMs: 1_000, remaining: 0 };
