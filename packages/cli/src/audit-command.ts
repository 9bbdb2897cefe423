import { auditExport } from "./audit-export.ts";
import { auditFetch } from "./audit-fetch.ts";
import { auditQuery, auditTail } from "./audit-query.ts";
import { auditVerify } from "./audit-verify.ts";
import type { Subcommand } from "./subcommand.ts";
import { createVerbs } from "./verb.ts";

/** `cortexos audit`. */
export const auditCommand: Subcommand = createVerbs("audit", "verify, read and export the audit trail, offline", [
  auditVerify,
  auditTail,
  auditQuery,
  auditExport,
  auditFetch,
]);
