import { ARCHIVE_BYTES_MAX } from "@cortexos/engine";
import { HTTP_ANSWER_MS_MAX, HTTP_POLL_MS } from "../limits.ts";
import { SdkError } from "../sdk-error.ts";
import type { BundleSource, FoundBundle } from "./bundle-source.ts";

/** How a bundle is asked for over HTTP. */
export interface HttpBundleOptions {
  /** Time between two questions, in milliseconds; {@link HTTP_POLL_MS} unless given, 0 for never. */
  readonly pollMs?: number;
  /** Sent with every question, for example `authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Longest time for an answer, in milliseconds; {@link HTTP_ANSWER_MS_MAX} unless given. */
  readonly answerMsMax?: number;
}

/**
 * A bundle on an HTTP server. What hasn't changed is not sent again: each question carries the last `ETag`. Redirects aren't followed.
 *
 * @throws TypeError for a URL that is none.
 */
export function httpBundle(url: string | URL, options: HttpBundleOptions = {}): BundleSource {
  const { answerMsMax = HTTP_ANSWER_MS_MAX, headers = {}, pollMs = HTTP_POLL_MS } = options;
  const address = new URL(url);
  return {
    // Without what may be secret in it.
    name: `${address.origin}${address.pathname}`,
    ...(pollMs > 0 && { pollMs }),
    find: async (version, signal) => {
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(answerMsMax)]);
      const condition = version === undefined || !isTag(version) ? {} : { "if-none-match": version };
      const request = { headers: { ...headers, ...condition }, redirect: "error", signal: deadline } as const;
      const answer = await fetch(address, request);
      if (answer.status === 304) {
        await answer.body?.cancel();
        return undefined;
      }
      if (answer.status !== 200) {
        await answer.body?.cancel();
        throw new SdkError("bundle.source", `the server answered ${answer.status}`);
      }
      return found(answer, version);
    },
  };
}

async function found(answer: Response, version: string | undefined): Promise<FoundBundle | undefined> {
  const bytes = await readBody(answer);
  const now = answer.headers.get("etag") ?? `size ${bytes.length}`;
  // Some servers send the body whatever they were asked.
  return isTag(now) && now === version ? undefined : { version: now, bytes };
}

function isTag(version: string): boolean {
  return /^(?:W\/)?"/.test(version);
}

async function readBody(answer: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.length;
    if (size > ARCHIVE_BYTES_MAX) throw new SdkError("bundle.source", `larger than ${ARCHIVE_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
