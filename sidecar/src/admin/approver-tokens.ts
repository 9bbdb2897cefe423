import type { Principal } from "@cortexos/protocol";
import { createHash, timingSafeEqual } from "node:crypto";
import type { ApproverConfig } from "../config/sidecar-config.ts";
import { readSecret } from "../config/read-secret.ts";
import { SidecarError } from "../sidecar-error.ts";

/** Shortest token taken, in characters: 128 bits in base64. */
const TOKEN_CHARS_MIN = 22;

/** Finds the approver that an `Authorization` header names. */
export type FindApprover = (authorization: string | undefined) => Principal | undefined;

/**
 * Reads the approvers' tokens; what is kept are their digests.
 *
 * @throws SidecarError `secret.unreadable`, also for a token that is too short to be one or is given to two approvers.
 */
export function readApprovers(approvers: readonly ApproverConfig[]): FindApprover {
  const known = approvers.map((approver) => ({
    digest: readToken(approver.tokenFile),
    principal: toPrincipal(approver),
  }));
  const distinct = new Set(known.map(({ digest }) => digest.toString("hex")));
  if (distinct.size < known.length) {
    throw new SidecarError("secret.unreadable", "two approvers have the same token; give each one of its own");
  }
  return (authorization) => {
    const token = /^Bearer ([\x21-\x7e]+)$/i.exec(authorization ?? "")?.[1];
    if (token === undefined) return undefined;
    const digest = digestToken(token);
    let found: Principal | undefined;
    // Every entry is compared, in constant time: how long it takes tells nothing about any token.
    for (const entry of known) if (timingSafeEqual(entry.digest, digest)) found = entry.principal;
    return found;
  };
}

function readToken(file: string): Buffer {
  const token = readSecret(file);
  if (token.length < TOKEN_CHARS_MIN) {
    throw new SidecarError("secret.unreadable", `${file}: a token has at least ${TOKEN_CHARS_MIN} characters`);
  }
  return digestToken(token);
}

function digestToken(token: string): Buffer {
  return createHash("sha256").update(token, "utf8").digest();
}

function toPrincipal({ principal }: ApproverConfig): Principal {
  const { id, kind, roles, tenant } = principal;
  return { id, kind, roles, tenant, authenticated_by: "token" };
}
