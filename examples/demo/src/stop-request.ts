import { constants } from "node:os";

/** A person or a process asked this one to stop. */
export interface StopRequest {
  /** Aborted once it was asked. */
  readonly signal: AbortSignal;
  /** Resolves once it was asked. */
  readonly asked: Promise<undefined>;
  /** The exit status of what was cut short: 128 and the signal's number. */
  status(): number;
}

/** Listens for Ctrl-C and its kin. Whoever repeats it is not heard: everything that is stopped has a time of its own. */
export function listenForStop(tell: () => void): StopRequest {
  const controller = new AbortController();
  let status = 1;
  const asked = new Promise<undefined>((resolve) => {
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(name, () => {
        if (controller.signal.aborted) return;
        status = 128 + constants.signals[name];
        tell();
        controller.abort();
        resolve(undefined);
      });
    }
  });
  return { signal: controller.signal, asked, status: () => status };
}

/** Rejects when the signal is aborted; never resolves. For `Promise.race`, which takes care of the rejection. */
export function rejectedOn(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const stop = (): void => reject(new Error("stopped"));
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
