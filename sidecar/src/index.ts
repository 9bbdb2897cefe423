export { startSidecar, type Sidecar, type SidecarDeps } from "./start-sidecar.ts";
export { loadConfig, parseConfig, printConfig, type LoadedConfig } from "./config/load-config.ts";
export type {
  AdminConfig,
  ApproverConfig,
  AuditConfig,
  BundleConfig,
  CallerConfig,
  CertificateCallerConfig,
  CheckpointsConfig,
  ListenerConfig,
  ListenerTlsConfig,
  LogLevel,
  PrincipalConfig,
  RecordsConfig,
  RedactionConfig,
  SidecarConfig,
  SidecarCredentials,
  TcpListenerConfig,
  TrustedKeyConfig,
  UnixListenerConfig,
  UpstreamConfig,
  UpstreamCredentials,
  UpstreamProxyConfig,
  UpstreamTlsConfig,
} from "./config/sidecar-config.ts";
export { LIMITS, type SidecarLimits } from "./config/limits.ts";
export type { PartState } from "./admin/readiness.ts";
export { isSidecarError, SIDECAR_ERRORS, SidecarError, type SidecarErrorCode } from "./sidecar-error.ts";
