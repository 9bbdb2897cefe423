import type { MaybePromise } from "@cortexos/kernel";
import type { JsonObject } from "@cortexos/protocol";

/** What a route needs of a request; nothing here takes a body. */
export interface AdminRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
}

/** JSON unless it has a content type of its own. */
export interface AdminAnswer {
  readonly status: number;
  readonly body: JsonObject | string;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type AdminRoutes = (request: AdminRequest) => MaybePromise<AdminAnswer>;

/** An error in the one shape that clients of the admin API read. */
export function errorAnswer(status: number, code: string, message: string): AdminAnswer {
  return { status, body: { error: { code, message } } };
}
