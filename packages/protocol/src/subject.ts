/** Longest subject that is decided, in bytes. nats-server's own limit is that of a control line (4096). */
export const SUBJECT_BYTES_MAX = 1024;

/** Most tokens in a subject. */
export const SUBJECT_TOKENS_MAX = 64;

/** Why a string can't be published to. */
export type SubjectFault =
  | "subject.empty"
  | "subject.too_long"
  | "subject.too_many_tokens"
  | "subject.empty_token"
  | "subject.wildcard"
  | "subject.not_printable_ascii";

const DOT = 0x2e;

/** What stands before the filter in the subject of a request that makes a consumer: stream and consumer. */
const CONSUMER_FILTER_PREFIX = /^\$JS\.(?:[^.]+\.)?API\.CONSUMER\.CREATE\.[^.]+\.[^.]+\./;

/**
 * Checks a subject or reply subject that a message names. Printable ASCII only: what looks alike or is invisible can't
 * be told apart by a policy, and nats-server takes anything (it even stores `a.*` as a literal subject). One place has wildcards by
 * right: the filter at the end of a JetStream request for a consumer, which clients send for every ordered one.
 *
 * @returns what is wrong, or `undefined` when the subject can be published to.
 */
export function checkPublishSubject(subject: string): SubjectFault | undefined {
  if (subject.length === 0) return "subject.empty";
  if (subject.length > SUBJECT_BYTES_MAX) return "subject.too_long";
  let tokenCount = 1;
  let tokenStart = 0;
  for (let i = 0; i < subject.length; i++) {
    const c = subject.charCodeAt(i);
    if (c <= 0x20 || c > 0x7e) return "subject.not_printable_ascii";
    if (c === DOT) {
      if (i === tokenStart) return "subject.empty_token";
      tokenCount++;
      tokenStart = i + 1;
    } else if ((c === 0x2a || c === 0x3e) && isWholeToken(subject, tokenStart, i) && !isInFilter(subject, i)) {
      return "subject.wildcard";
    }
  }
  if (tokenStart === subject.length) return "subject.empty_token";
  return tokenCount > SUBJECT_TOKENS_MAX ? "subject.too_many_tokens" : undefined;
}

function isWholeToken(subject: string, tokenStart: number, i: number): boolean {
  return i === tokenStart && (i + 1 === subject.length || subject.charCodeAt(i + 1) === DOT);
}

/** Whether the wildcard token at `i` is part of a consumer's filter, and `>` its end. */
function isInFilter(subject: string, i: number): boolean {
  const prefix = CONSUMER_FILTER_PREFIX.exec(subject)?.[0];
  if (prefix === undefined || i < prefix.length) return false;
  return subject.charCodeAt(i) === 0x2a || i + 1 === subject.length;
}

/**
 * Whether a subject lies under a pattern: `*` is one token, a final `>` one or more. Linear in the subject.
 *
 * @param pattern - a valid subscription subject.
 * @param subject - a valid publish subject.
 */
export function matchesSubject(pattern: string, subject: string): boolean {
  let s = 0;
  let p = 0;
  while (p < pattern.length) {
    if (s >= subject.length) return false;
    const patternEnd = tokenEnd(pattern, p);
    const subjectEnd = tokenEnd(subject, s);
    if (patternEnd - p === 1) {
      const c = pattern.charCodeAt(p);
      if (c === 0x3e && patternEnd === pattern.length) return true;
      if (c !== 0x2a && (subjectEnd - s !== 1 || subject.charCodeAt(s) !== c)) return false;
    } else if (patternEnd - p !== subjectEnd - s || !subject.startsWith(pattern.slice(p, patternEnd), s)) {
      return false;
    }
    p = patternEnd + 1;
    s = subjectEnd + 1;
  }
  return s > subject.length;
}

function tokenEnd(subject: string, start: number): number {
  const dot = subject.indexOf(".", start);
  return dot === -1 ? subject.length : dot;
}
