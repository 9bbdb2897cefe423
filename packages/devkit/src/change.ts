import { DevkitError } from "./devkit-error.ts";

/** How long every wait of this package lasts unless told otherwise. */
export const WAIT_MS_MAX = 10_000;

const QUOTED_CHARS_MAX = 2_000;

/** What is waited for, and what to quote when it does not come. */
export interface Wait {
  readonly timeoutMs?: number | undefined;
  readonly what: string;
  /** What had arrived until then. */
  readonly quote: () => string;
}

/** Something that changes and can be waited on without polling. */
export interface Change {
  notify(): void;
  /** Nothing more will come: fails every wait that this last state does not satisfy, now and later. */
  end(reason: string): void;
  /** Resolves with the probe's first answer other than `undefined`; asks again after each change. */
  until<T>(probe: () => T | undefined, wait: Wait): Promise<T>;
}

/** Creates a source of changes. */
export function createChange(): Change {
  const checks = new Set<() => void>();
  let ended: string | undefined;
  const notify = (): void => {
    for (const check of checks) check();
  };
  return {
    notify,
    end(reason) {
      ended ??= reason;
      notify();
    },
    until(probe, wait) {
      return new Promise((resolve, reject) => {
        const settle = (act: () => void): void => {
          checks.delete(check);
          clearTimeout(timer);
          act();
        };
        const fail = (code: "wait.closed" | "wait.timeout", why: string): void => {
          const quote = wait.quote().slice(-QUOTED_CHARS_MAX);
          settle(() => reject(new DevkitError(code, `no ${wait.what}: ${why}; until then: ${quote}`)));
        };
        const check = (): void => {
          const answer = probe();
          if (answer !== undefined) settle(() => resolve(answer));
          else if (ended !== undefined) fail("wait.closed", ended);
        };
        const timeoutMs = wait.timeoutMs ?? WAIT_MS_MAX;
        const timer = setTimeout(() => fail("wait.timeout", `waited ${timeoutMs} ms`), timeoutMs);
        checks.add(check);
        check();
      });
    },
  };
}
