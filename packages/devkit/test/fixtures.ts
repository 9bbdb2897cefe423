import { eventually } from "../src/index.ts";

/** Whether a process is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export async function hasEnded(pid: number): Promise<void> {
  await eventually(() => !isAlive(pid), { what: `end of process ${pid}` });
}
