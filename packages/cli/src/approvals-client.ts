import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";

const ANSWER_MS_MAX = 10_000;
/** Room for the largest payload, shown whole and escaped. */
const ANSWER_BYTES_MAX = 512 * 1_048_576;

/** Where a sidecar's admin API is and who asks. */
export interface AdminEndpoint {
  readonly url: string;
  readonly token: string;
}

export interface AdminAnswer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * Asks a sidecar's admin API once.
 *
 * @throws Error in one line when the sidecar can't be reached, is too slow, or answers with something that isn't JSON.
 */
export async function askAdmin(endpoint: AdminEndpoint, method: "GET" | "POST", path: string): Promise<AdminAnswer> {
  const url = new URL(path, endpoint.url);
  const { status, text } = await exchange(url, method, endpoint.token);
  try {
    return { status, body: JSON.parse(text) };
  } catch (cause) {
    throw new Error(
      `${url.origin} answered ${status} with something that isn't JSON; is it a sidecar's admin address?`,
      {
        cause,
      },
    );
  }
}

// Not fetch: its errors hide the reason in a cause, and its agent keeps the process alive after the answer.
async function exchange(url: URL, method: string, token: string): Promise<{ status: number; text: string }> {
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((done, fail) => {
    const options = { method, agent: false, timeout: ANSWER_MS_MAX, headers: { authorization: `Bearer ${token}` } };
    const request = send(url, options, (response) => {
      readText(response).then((text) => {
        done({ status: response.statusCode ?? 0, text });
      }, fail);
    });
    request.on("timeout", () => request.destroy(new Error(`no answer within ${ANSWER_MS_MAX} ms`)));
    request.on("error", (cause) => {
      fail(new Error(`can't reach the sidecar at ${url.origin}: ${causeText(cause)}`, { cause }));
    });
    request.end();
  });
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    const part = Buffer.from(chunk);
    bytes += part.length;
    if (bytes > ANSWER_BYTES_MAX) throw new Error(`the answer is larger than ${ANSWER_BYTES_MAX} bytes`);
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** A refused connection to a name with several addresses is an AggregateError without a message. */
function causeText(cause: Error): string {
  if (cause instanceof AggregateError) return cause.errors.map(String).join(", ");
  return cause.message;
}
