/** Every bound of the sidecar, its unit last in its name. */
export const LIMITS = {
  /** Largest message a client may publish, headers included. nats-server's own limit counts too. */
  payloadBytesMax: { default: 1_048_576, min: 1, max: 67_108_864 },
  /** Longest argument part of a client's control line, CONNECT's too: long JWTs need more. */
  controlLineBytesMax: { default: 4_096, min: 256, max: 65_536 },
  /** Client connections at once; more are answered with an error and closed. */
  connectionCountMax: { default: 1_024, min: 1, max: 65_535 },
  /** Client connections at once from one address, or by one Unix socket. */
  peerConnectionCountMax: { default: 512, min: 1, max: 65_535 },
  /** Client connections that are worked on in a second, and ten seconds' worth at once; further ones wait for their turn. */
  connectionsPerSecondMax: { default: 100, min: 1, max: 1_000_000 },
  /** Connections upstream that are being opened at once; further clients wait for their turn. */
  dialCountMax: { default: 16, min: 1, max: 4_096 },
  /** Open subscriptions of one connection; one more closes it. */
  subscriptionCountMax: { default: 16_384, min: 1, max: 1_048_576 },
  /** Bytes of their subjects, queues and ids. */
  subscriptionBytesMax: { default: 1_048_576, min: 1_024, max: 268_435_456 },
  /** Messages of one connection that wait for their record before its reading is paused. */
  queueCountMax: { default: 4_096, min: 1, max: 1_048_576 },
  /** Bytes of one connection that wait for their record before its reading is paused. */
  queueBytesMax: { default: 8_388_608, min: 1_024, max: 268_435_456 },
  /** Messages of all connections that wait for decision or record before those are read no more that have an equal share of them. */
  waitingCountMax: { default: 8_192, min: 1, max: 1_048_576 },
  /** Payload bytes of those. */
  waitingBytesMax: { default: 8_388_608, min: 1_024, max: 1_073_741_824 },
  /** Bytes that may wait in a socket before reading from the other side is paused. */
  socketBytesHigh: { default: 262_144, min: 1_024, max: 16_777_216 },
  /** Bytes waiting for a client that doesn't read, before nothing more is read from it. */
  clientBacklogBytesMax: { default: 1_048_576, min: 0, max: 268_435_456 },
  /** Bytes kept for all connections together: begun frames, queues, subscriptions, what waits in sockets. Above it, who keeps most is closed. */
  keptBytesMax: { default: 268_435_456, min: 1_048_576, max: 17_179_869_184 },
  /** Longest time that one connection's bytes are worked on before the others have their turn, in microseconds. */
  turnUs: { default: 250, min: 50, max: 1_000_000 },
  /** PINGs, SUBs and UNSUBs of one connection in a second, and as many at once; more are read later. */
  operationsPerSecondMax: { default: 10_000, min: 10, max: 10_000_000 },
  /** Messages of one connection in a second that are not released, and as many at once; it is read later then. */
  refusalsPerSecondMax: { default: 250, min: 10, max: 10_000_000 },
  /** Longest wait for a throttled message's turn before it is refused. */
  throttleWaitMs: { default: 250, min: 0, max: 10_000 },
  /** Longest wait of a held request for its approval before its sender is told 428. */
  holdWaitMs: { default: 2_000, min: 0, max: 60_000 },
  /** Messages parked at once. */
  holdCountMax: { default: 10_000, min: 1, max: 1_000_000 },
  /** Longest wait of an approved message for an upstream that is away, before it counts as failed. */
  heldReleaseMs: { default: 60_000, min: 0, max: 3_600_000 },
  /** Time for a connection upstream and its first INFO. */
  upstreamConnectMs: { default: 5_000, min: 10, max: 60_000 },
  /** Time for a client's CONNECT after INFO. */
  clientConnectMs: { default: 10_000, min: 10, max: 600_000 },
  /** Time for a client's first operation after CONNECT: its PING, or the PONG that the server asks for. */
  clientFirstMs: { default: 10_000, min: 10, max: 600_000 },
  /** Time for a frame from its first byte to its last, while the client is read. */
  frameMs: { default: 30_000, min: 10, max: 600_000 },
  /** Time that a client or server may take nothing of what waits for it; noticed after at most twice as long. */
  stallMs: { default: 10_000, min: 10, max: 600_000 },
  /** Time for the last words to leave after the end of a connection. */
  lingerMs: { default: 2_000, min: 0, max: 60_000 },
  /** Time for what is queued to finish at SIGTERM. */
  drainMs: { default: 10_000, min: 0, max: 600_000 },
} as const;

/** The bounds in force. See {@link LIMITS} for defaults and ranges. */
export type SidecarLimits = { readonly [Name in keyof typeof LIMITS]: number };

/** Largest configuration file. */
export const CONFIG_BYTES_MAX = 1_048_576;

/** Largest secret file. */
export const SECRET_BYTES_MAX = 65_536;

/** Largest file of certificates. */
export const PEM_BYTES_MAX = 1_048_576;
