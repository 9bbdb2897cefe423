import type { ApprovalAnswer, Approvals, HoldRefusal } from "@cortexos/kernel";
import { errorAnswer, type AdminAnswer, type AdminRequest, type AdminRoutes } from "./admin-answer.ts";
import { showHold, showResult, summariseHold } from "./approval-view.ts";
import type { FindApprover } from "./approver-tokens.ts";
import { readReadiness, type ReadParts } from "./readiness.ts";
import { safeText } from "./safe-text.ts";

/** Most held messages in one list. */
const LIST_COUNT_MAX = 1_000;

export interface AdminParts {
  readonly approvals: Pick<Approvals, "approve" | "deny" | "list" | "show">;
  readonly findApprover: FindApprover;
  readonly readParts: ReadParts;
  readonly metrics: { text(): Promise<string>; readonly contentType: string };
}

/** Answers every request of the admin API; what it doesn't know is 404, never thrown. */
export function createAdminRoutes(parts: AdminParts): AdminRoutes {
  return async (request) => {
    const { path } = request;
    if (path === "/healthz") return forRead(request, () => ({ status: 200, body: { ok: true } }));
    if (path === "/readyz") return forRead(request, () => readReadiness(parts.readParts));
    if (path === "/metrics") return answerMetrics(request, parts.metrics);
    if (path === "/v1/approvals" || path.startsWith("/v1/approvals/")) return answerApprovals(request, parts);
    return errorAnswer(404, "request.unknown", "there is nothing at this path");
  };
}

async function answerMetrics(request: AdminRequest, metrics: AdminParts["metrics"]): Promise<AdminAnswer> {
  if (!isRead(request)) return notAllowed("GET");
  return { status: 200, body: await metrics.text(), contentType: metrics.contentType };
}

async function answerApprovals(request: AdminRequest, { approvals, findApprover }: AdminParts): Promise<AdminAnswer> {
  const approver = findApprover(request.authorization);
  if (approver === undefined) return unauthorized();
  const match = /^\/v1\/approvals(?:\/(?<id>[0-9a-f]{1,64})(?:\/(?<verdict>approve|deny))?)?$/.exec(request.path);
  if (match === null) return errorAnswer(404, "approval.unknown", "no held message has this id");
  const { id, verdict } = match.groups ?? {};
  if (id === undefined) {
    if (!isRead(request)) return notAllowed("GET");
    return { status: 200, body: { approvals: (await approvals.list(LIST_COUNT_MAX)).map(summariseHold) } };
  }
  if (verdict !== undefined) {
    if (request.method !== "POST") return notAllowed("POST");
    return answerChange(await (verdict === "approve" ? approvals.approve(id, approver) : approvals.deny(id, approver)));
  }
  if (!isRead(request)) return notAllowed("GET");
  const hold = await approvals.show(id);
  if (hold === undefined) return errorAnswer(404, "approval.unknown", "no held message has this id");
  return { status: 200, body: showHold(hold) };
}

function answerChange(change: ApprovalAnswer): AdminAnswer {
  if (change.ok) return { status: 200, body: { ...summariseHold(change.hold), ...showResult(change.result) } };
  return errorAnswer(refusalStatus(change.code), change.code, safeText(change.reason));
}

function refusalStatus(code: HoldRefusal): number {
  switch (code) {
    case "approval.unknown":
      return 404;
    case "approval.requester":
    case "approval.role":
      return 403;
    case "approval.not_waiting":
    case "approval.expired":
    case "approval.repeated":
      return 409;
  }
}

function forRead(request: AdminRequest, answer: () => AdminAnswer): AdminAnswer {
  return isRead(request) ? answer() : notAllowed("GET");
}

function isRead({ method }: AdminRequest): boolean {
  return method === "GET" || method === "HEAD";
}

function notAllowed(allow: string): AdminAnswer {
  return { ...errorAnswer(405, "request.method", `only ${allow} is answered here`), headers: { allow } };
}

function unauthorized(): AdminAnswer {
  const answer = errorAnswer(401, "request.unauthorized", "give an approver's token: `authorization: Bearer <token>`");
  return { ...answer, headers: { "www-authenticate": "Bearer" } };
}
