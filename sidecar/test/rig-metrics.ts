import { eventually } from "@cortexos/devkit";
import type { Rig } from "./sidecar-rig.ts";

/** Polls that must agree. */
const SAME_COUNT = 30;

/** A sample of the sidecar's metrics, by its name with labels; 0 when it isn't there. */
export async function metric({ sidecar }: Rig, name: string): Promise<number> {
  const text = await (await fetch(`http://${sidecar.adminAddress}/metrics`)).text();
  const line = text.split("\n").find((candidate) => candidate.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? 0);
}

/** A sample that has begun to grow, once it has stopped. */
export async function settledMetric(rig: Rig, name: string): Promise<number> {
  let last = 0;
  let sameCount = 0;
  return eventually(
    async () => {
      const value = await metric(rig, name);
      sameCount = value > 0 && value === last ? sameCount + 1 : 0;
      last = value;
      return sameCount >= SAME_COUNT && value;
    },
    { what: `a value of ${name} that stays`, timeoutMs: 30_000 },
  );
}

/** Codes of the violations that were recorded, oldest first. */
export function violationCodes({ sidecar }: Rig): readonly string[] {
  return sidecar.recentRecords().flatMap((record) => (record.type === "violation" ? [record.code] : []));
}
