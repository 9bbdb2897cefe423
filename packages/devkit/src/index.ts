export { startBytePipe, type BytePipe } from "./byte-pipe.ts";
export { WAIT_MS_MAX } from "./change.ts";
export { createCertificateAuthority, type Certificate, type CertificateAuthority } from "./certificates.ts";
export { DEVKIT_ERRORS, DevkitError, type DevkitErrorCode } from "./devkit-error.ts";
export { eventually } from "./eventually.ts";
export { findTool, TOOLS, type FindToolOptions, type Tool, type ToolName } from "./find-tool.ts";
export { freePort } from "./free-port.ts";
export { startNatsServer, type NatsServer, type NatsServerOptions, type NatsServerTls } from "./nats-server.ts";
export { rawConnect, type RawClient } from "./raw-client.ts";
export { startRedisServer, type RedisServer, type RedisServerOptions } from "./redis-server.ts";
export {
  LOG_CHARS_MAX,
  startProcess,
  STOP_MS_MAX,
  type ProcessEnd,
  type ProcessOptions,
  type RunningProcess,
} from "./start-process.ts";
export { tap, type Tap, type TappedMessage } from "./tap.ts";
export { startTcpProxy, type TcpFaults, type TcpProxy, type TcpRecording } from "./tcp-proxy.ts";
export { createTempDir, type TempDir } from "./temp-dir.ts";
