import { setTimeout as sleep } from "node:timers/promises";
import { WAIT_MS_MAX } from "./change.ts";
import { DevkitError } from "./devkit-error.ts";

const INTERVAL_MS = 10;

/**
 * Asks again and again until the probe answers with something else than `undefined` or `false`; for state that can only be polled.
 * What the probe throws counts as "not yet" and becomes the cause.
 *
 * @throws DevkitError `wait.timeout`.
 */
export async function eventually<T>(
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  options: { readonly what?: string; readonly timeoutMs?: number } = {},
): Promise<T> {
  const { what = "answer", timeoutMs = WAIT_MS_MAX } = options;
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const cause = await attempt(probe);
    if ("answer" in cause) return cause.answer;
    if (performance.now() > endMs) throw new DevkitError("wait.timeout", `no ${what} in ${timeoutMs} ms`, cause);
    await sleep(INTERVAL_MS);
  }
}

async function attempt<T>(
  probe: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<{ readonly answer: T } | { readonly cause: unknown }> {
  try {
    const answer = await probe();
    return answer === undefined || answer === false ? { cause: undefined } : { answer };
  } catch (cause) {
    return { cause };
  }
}
