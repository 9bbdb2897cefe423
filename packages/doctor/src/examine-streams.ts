import { auditStreamFaults } from "@cortexos/stores";
import { fieldsOf, isFields, listOf, textOf, type Fields } from "./fields.ts";
import type { DeploymentFinding } from "./finding.ts";

/** The stream that records go to. */
export interface AuditTarget {
  readonly stream: string;
  readonly subject: string;
}

/**
 * What `/jsz?accounts=true&streams=true&config=true` says: streams that publish by themselves, and whether records are safe.
 *
 * @param audit - absent where records go elsewhere.
 */
export function examineStreams(jsz: Fields, audit: AuditTarget | undefined): readonly DeploymentFinding[] {
  const streams = listOf(jsz, "account_details").flatMap((account) =>
    listOf(account, "stream_detail").map((stream) => ({
      account: textOf(account, "name"),
      config: fieldsOf(stream, "config"),
    })),
  );
  const findings = streams.flatMap(({ account, config }) => movements(account, config));
  return audit === undefined ? findings : [...findings, ...auditFindings(streams, audit)];
}

interface Stream {
  readonly account: string;
  readonly config: Fields;
}

function movements(account: string, config: Fields): readonly DeploymentFinding[] {
  const name = `stream ${textOf(config, "name")} in ${account}`;
  const ways: readonly (readonly [isThere: boolean, id: string, what: string])[] = [
    [isFields(config["republish"]), "republish", "publishes again, elsewhere, whatever is stored in it"],
    [listOf(config, "sources").length > 0, "sources", "takes its messages from other streams"],
    [isFields(config["mirror"]), "mirror", "takes its messages from another stream"],
    [isFields(config["subject_transform"]), "transform", "stores messages under other subjects than they were sent to"],
    [config["allow_msg_schedules"] === true, "schedules", "publishes messages later, where their headers say"],
  ];
  return ways
    .filter(([isThere]) => isThere)
    .map(([, id, what]) => ({ id: `stream.${id}`, severity: "notice", what: `${name} ${what}: no policy sees that` }));
}

function auditFindings(streams: readonly Stream[], { stream, subject }: AuditTarget): readonly DeploymentFinding[] {
  const found = streams.find(({ config }) => textOf(config, "name") === stream);
  if (found === undefined) {
    const what = `stream ${stream}, where records go, isn't there yet: the sidecar makes it when it starts`;
    return [{ id: "audit.missing", severity: "notice", what }];
  }
  return auditStreamFaults(found.config, subject).map((fault) => ({
    id: "audit.unsafe",
    severity: "loss",
    what: `stream ${stream}, where records go: ${fault}`,
    mend: "Change the stream; the sidecar refuses to record into it as it is.",
  }));
}
