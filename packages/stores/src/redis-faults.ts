/** What a server says of itself, judged. */
export interface RedisReport {
  /** One phrase for each setting by which it could drop state; none when state is safe in it. */
  readonly faults: readonly string[];
  /** For people: version, and how its data outlives it. */
  readonly detail: string;
}

/** Judges the answer of INFO. What isn't said counts as unsafe. */
export function redisFaults(info: string): RedisReport {
  const fields = new Map<string, string>();
  for (const line of info.split("\r\n")) {
    const at = line.indexOf(":");
    if (at > 0) fields.set(line.slice(0, at), line.slice(at + 1));
  }
  const policy = fields.get("maxmemory_policy");
  const role = fields.get("role");
  const rules: readonly (readonly [isSafe: boolean, fault: string])[] = [
    [policy === "noeviction", `maxmemory-policy must be \`noeviction\`, it is \`${policy ?? "untold"}\``],
    [role === "master", `it must be the primary, it is \`${role ?? "untold"}\``],
  ];
  const version = fields.get("valkey_version") ?? fields.get("redis_version") ?? "of an untold version";
  const kept = fields.get("aof_enabled") === "1" ? "append-only file" : "no append-only file: a restart loses state";
  return { faults: rules.filter(([isSafe]) => !isSafe).map(([, fault]) => fault), detail: `${version}, ${kept}` };
}
