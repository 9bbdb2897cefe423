export type { ProxyHost, PublishRefusal, PublishVerdict, StandingVerdict, WireFault } from "./session-types.ts";
