import { LABEL_CHARS_MAX, LABEL_COUNT_MAX } from "./limits.ts";

/** Header by which the guard says what labels a message's data may carry. The agent's own code can't set it. */
export const FLOW_LABELS_HEADER = "cortexos-labels";

/** Stands for more labels than a session keeps. */
export const LABELS_OVERFLOW = "overflow";

/**
 * Joins labels: sorted, without duplicates. The same array when nothing is new. What is no label is left out, except that it then counts as
 * {@link LABELS_OVERFLOW}: a label that can't be kept must not look like none.
 */
export function joinLabels(labels: readonly string[], added: readonly string[]): readonly string[] {
  const sayable = added.map((label) => (LABEL.test(label) ? label : LABELS_OVERFLOW));
  const fresh = sayable.filter((label) => !labels.includes(label));
  if (fresh.length === 0) return labels;
  const joined = [...new Set([...labels, ...fresh])].sort();
  if (joined.length <= LABEL_COUNT_MAX) return joined;
  // Nothing that is known is given up for something new.
  return labels.includes(LABELS_OVERFLOW) ? labels : [...labels, LABELS_OVERFLOW].sort();
}

/** Labels of a header's value. */
export function readLabels(value: string): readonly string[] {
  return value
    .split(",")
    .map((label) => label.trim())
    .filter((label) => label !== "");
}

const LABEL = new RegExp(`^[!-+\\--~]{1,${LABEL_CHARS_MAX}}$`);
