import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Logger } from "../logger.ts";
import { errorAnswer, type AdminAnswer, type AdminRoutes } from "./admin-answer.ts";

const HEADER_BYTES_MAX = 8_192;
const BODY_BYTES_MAX = 4_096;
const REQUEST_MS_MAX = 5_000;
const CONNECTION_COUNT_MAX = 64;

/**
 * The HTTP side of the sidecar for operators and approvers. Not listening yet. Every answer but the metrics is JSON; an error is
 * `{"error": {"code", "message"}}`.
 */
export function createAdminServer(routes: AdminRoutes, log: Logger): Server {
  const server = createServer(
    {
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: REQUEST_MS_MAX,
      requestTimeout: REQUEST_MS_MAX,
      keepAliveTimeout: REQUEST_MS_MAX,
      connectionsCheckingInterval: 1_000,
    },
    (request, response) => {
      void answer(request, response, { routes, log });
    },
  );
  server.maxConnections = CONNECTION_COUNT_MAX;
  return server;
}

interface Parts {
  readonly routes: AdminRoutes;
  readonly log: Logger;
}

async function answer(request: IncomingMessage, response: ServerResponse, { routes, log }: Parts): Promise<void> {
  try {
    if (!(await isBodySmall(request))) {
      response.setHeader("connection", "close");
      send(response, errorAnswer(413, "request.too_large", `a body has at most ${BODY_BYTES_MAX} bytes`));
      return;
    }
    const path = new URL(request.url ?? "/", "http://admin").pathname;
    const { method = "GET", headers } = request;
    send(response, await routes({ method, path, authorization: headers.authorization }));
  } catch (reason) {
    log.error({ err: reason }, "an admin request failed");
    if (response.headersSent) response.destroy();
    else send(response, errorAnswer(500, "internal", "see the sidecar's log"));
  }
}

/** Reads the body away: no request here needs one. */
async function isBodySmall(request: IncomingMessage): Promise<boolean> {
  let bytes = 0;
  for await (const chunk of request) {
    bytes += Buffer.isBuffer(chunk) ? chunk.length : BODY_BYTES_MAX + 1;
    if (bytes > BODY_BYTES_MAX) return false;
  }
  return true;
}

function send(response: ServerResponse, { status, body, contentType, headers }: AdminAnswer): void {
  const text = typeof body === "string" ? body : `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    "content-type": contentType ?? "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...headers,
  });
  response.end(text);
}
