import type { RecordDurability } from "./record.ts";

/** Where a `modify` finding may change a message: RFC 6901 pointers under the payload, `*` standing for one segment. */
export interface ModifiableRule {
  /** Subject pattern. */
  readonly subjects: string;
  readonly pointers: readonly string[];
  /** Lower-case header names that may be set. */
  readonly headers: readonly string[];
  /** Subject patterns that a message may be moved to. */
  readonly topics: readonly string[];
}

/** How the payloads of a subject pattern are read. The subject says, never a header. The first match counts. */
export interface PayloadRule {
  readonly subjects: string;
  /** `auto`: JSON when it parses strictly, else binary. `json`, `protobuf`: anything else is undecidable, so DENY. */
  readonly format: "auto" | "json" | "protobuf" | "binary";
  /** Full Protobuf message name, with `protobuf`. */
  readonly type?: string;
}

/** How strong the record of a subject pattern must be. The first match counts; `durable` when none does. */
export interface RecordRule {
  readonly subjects: string;
  readonly durability: RecordDurability;
}

/** Our part of a bundle's `.manifest`, under `metadata.cortexos`. */
export interface PolicyManifest {
  readonly format: 1;
  /** Counter that only grows; an older one is refused. */
  readonly revision: number;
  /** Entrypoint that gives the object of five sets, `cortexos/main/findings`. */
  readonly entrypoint: string;
  /** Whether only an `allow` finding can release, so that the other effects narrow and never grant. */
  readonly require_allow: boolean;
  readonly modifiable: readonly ModifiableRule[];
  readonly payloads: readonly PayloadRule[];
  readonly records: readonly RecordRule[];
  /** Subject patterns whose held messages hold back what follows them on their connection. */
  readonly strict_order: readonly string[];
  /** Built-ins that the policy calls. */
  readonly builtins: readonly string[];
  /** Validity window in nanoseconds since 1970 as decimal strings. */
  readonly not_before_ns?: string;
  readonly not_after_ns?: string;
}
