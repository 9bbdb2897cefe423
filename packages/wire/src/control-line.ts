const SP = 0x20;
const TAB = 0x09;
const FIELD_COUNT_MAX = 6;

/** The fields of one control line as offsets; filled anew for each line. Fields beyond the sixth are counted only. */
export interface LineFields {
  count: number;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** One SP between fields and none at the end. */
  isSingleSpaced: boolean;
}

export function createLineFields(): LineFields {
  return {
    count: 0,
    starts: new Int32Array(FIELD_COUNT_MAX),
    ends: new Int32Array(FIELD_COUNT_MAX),
    isSingleSpaced: false,
  };
}

/**
 * Splits a control line (without its end) at runs of SP and TAB.
 *
 * @returns false when it holds CR, NUL, DEL or another control byte: two readers may then see two lines.
 */
export function splitLine(
  bytes: Uint8Array,
  range: readonly [start: number, end: number],
  fields: LineFields,
): boolean {
  const [start, end] = range;
  let count = 0;
  let isSingleSpaced = true;
  let i = start;
  while (i < end) {
    const fieldStart = i;
    while (i < end && isFieldByte(bytes[i] ?? 0)) i++;
    if (i > fieldStart) {
      if (count < FIELD_COUNT_MAX) {
        fields.starts[count] = fieldStart;
        fields.ends[count] = i;
      }
      count++;
    }
    if (i === end) break;
    const c = bytes[i];
    if (c !== SP && c !== TAB) return false;
    const next = bytes[i + 1];
    if (c === TAB || i + 1 === end || next === SP || next === TAB) isSingleSpaced = false;
    i++;
  }
  fields.count = count;
  fields.isSingleSpaced = isSingleSpaced;
  return true;
}

function isFieldByte(c: number): boolean {
  return c > SP && c !== 0x7f;
}

/** Longest size nats-server reads, in digits. */
export const SIZE_DIGITS_MAX = 9;

/** Reads a size as nats-server does: 1 to 9 digits, leading zeros count. -1 for anything else. */
export function parseSize(bytes: Uint8Array, start: number, end: number): number {
  if (end === start || end - start > SIZE_DIGITS_MAX) return -1;
  let size = 0;
  for (let i = start; i < end; i++) {
    const digit = (bytes[i] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    size = size * 10 + digit;
  }
  return size;
}

/** Whether a size, known to be digits, is written without leading zeros. */
export function isPlainSize(bytes: Uint8Array, start: number, end: number): boolean {
  return bytes[start] !== 0x30 || end - start === 1;
}
