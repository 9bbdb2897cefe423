export { DOCTOR_ERRORS, DoctorError, isDoctorError, type DoctorErrorCode } from "./doctor-error.ts";
export { examine, hasFault, type Deployment, type Report, type ServerFacts } from "./examine.ts";
export { SERVER_VERSION_MIN } from "./examine-server.ts";
export type { AuditTarget } from "./examine-streams.ts";
export type { Fields } from "./fields.ts";
export { SEVERITIES, type DeploymentFinding, type Severity } from "./finding.ts";
export { CONFIG_DEPTH_MAX, type ConfigMap, type ConfigValue } from "./nats-config.ts";
export { MONITOR_MS_MAX, READ_BYTES_MAX, readMonitor, readNatsConfig } from "./read-deployment.ts";
