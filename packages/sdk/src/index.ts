export { decisionOf } from "./client/client-errors.ts";
export type { DecisionListener } from "./decision-feed.ts";
export type { Explanation } from "./explanation.ts";
export { FLOW_LABELS_HEADER, LABELS_OVERFLOW } from "./flow-labels.ts";
export type { GuardEvent, GuardOptions, GuardPrincipal } from "./guard-options.ts";
export { guard, type Guarded, type GuardedHandle, type SignalledRequest, type SubmitOptions } from "./guard.ts";
export { openGuard, type Guard, type GuardHandle } from "./open-guard.ts";
export type { Session, SessionFacts } from "./session.ts";
export { isSdkError, SDK_ERRORS, SdkError, type SdkErrorCode } from "./sdk-error.ts";
export { guardTool, type GuardedTool, type GuardToolOptions, type ToolCallOptions } from "./tools/guard-tool.ts";
export type { StandardSchema } from "./tools/standard-schema.ts";

// For adapters to other kinds of tools.
export { permitToolCall, toolSubject, type PermittedCall, type ToolCall } from "./tools/tool-call.ts";

// Where bundles come from and records go.
export {
  bytesBundle,
  fileBundle,
  type BundleOption,
  type BundleSource,
  type FoundBundle,
} from "./policy/bundle-source.ts";
export { httpBundle, type HttpBundleOptions } from "./policy/http-bundle.ts";
export { objectStoreBundle, type ObjectBundleOptions, type ObjectStoreLike } from "./policy/object-bundle.ts";
export type { PolicyEvent } from "./policy/policy-keeper.ts";
export type { RecordsOption } from "./records/open-records.ts";
export {
  CLOSE_WAIT_MS_MAX,
  EXPLAINED_BYTES_MAX,
  EXPLAINED_COUNT_MAX,
  FEED_COUNT_MAX,
  FILE_POLL_MS,
  GUARD_QUEUE_BYTES_MAX,
  GUARD_QUEUE_COUNT_MAX,
  HTTP_ANSWER_MS_MAX,
  HTTP_POLL_MS,
  LABEL_CHARS_MAX,
  LABEL_COUNT_MAX,
  STANDING_SUBJECT_COUNT_MAX,
  THROTTLE_WAIT_MS_DEFAULT,
} from "./limits.ts";
