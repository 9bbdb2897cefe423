import { setTimeout as sleep } from "node:timers/promises";
import type { Message } from "@cortexos/protocol";
import { CLOSE_WAIT_MS_MAX } from "../limits.ts";
import type { GuardCore } from "../open-guard.ts";
import { hasPristineMethods, withPristine } from "../pristine.ts";
import { SdkError } from "../sdk-error.ts";
import { dropUnsendable, isClientCommand } from "./client-command.ts";
import { createClientErrors, type ClientErrors } from "./client-errors.ts";
import type { ClientConnection, ClientProtocol, PublishArguments } from "./client-shape.ts";
import { createFrameWriter, type FrameWriter } from "./frame-writer.ts";
import { createLabelIntake } from "./label-intake.ts";
import { readOutgoing } from "./outgoing-message.ts";
import { createPublishGate, type PublishGate } from "./publish-gate.ts";
import { isPlainPayload, payloadBytes } from "./run-buffer.ts";
import { createRequestScope, type RequestScope } from "./request-scope.ts";
import { publishSender } from "./publish-sender.ts";

/** A connection through whose gate everything goes from now on. */
export interface ConnectionGuard {
  readonly gate: PublishGate;
  readonly errors: ClientErrors;
  /** Reads and copies what is to be published. */
  readonly read: (subject: unknown, payload: unknown, options: PublishArguments | undefined) => Message;
}

/** What a connection's guard is made of. */
export interface InstallParts {
  readonly core: GuardCore;
  /** The connection is closed and nothing waits any more. */
  readonly onClosed: () => Promise<void>;
}

/**
 * Puts the gate where both lines write: the `publish` of their one protocol handler, which everything ends in, and the `sendCommand` below it, which
 * takes only subscriptions from now on. What was derived from the connection before is guarded too.
 */
export function installGuard(connection: ClientConnection, { core, onClosed }: InstallParts): ConnectionGuard {
  const { protocol } = connection;
  const sendCommand = protocol.sendCommand.bind(protocol);
  const sendSubscriptions = protocol.sendSubscriptions.bind(protocol);
  const processMsg = protocol.processMsg.bind(protocol);
  const request = protocol.request.bind(protocol);
  const subscribe = protocol.subscribe.bind(protocol);
  const errors = createClientErrors(connection);
  const writer = createFrameWriter(protocol, sendCommand);
  const gate = createPublishGate({ core, writer, isConnected: () => protocol.connected });
  const scope = createRequestScope(connection);
  const intake = createLabelIntake(protocol, core.sessions);
  const read: ConnectionGuard["read"] = (subject, payload, options) =>
    readOutgoing(subject, payload, { options, errors });
  replace(protocol, {
    publish: createPublish({ protocol, gate, errors, writer, scope, read }),
    sendCommand: (command: string | Uint8Array, ...payloads: readonly Uint8Array[]) => {
      if (!isClientCommand(command, payloads)) throw new SdkError("client.command", "not a command of the client");
      gate.inOrder(() => {
        gate.flushRun();
        sendCommand(command);
      });
    },
    sendSubscriptions: () => {
      dropUnsendable(protocol);
      sendSubscriptions();
    },
    processMsg: (...[delivery, data]: Parameters<ClientProtocol["processMsg"]>) => {
      intake.received(delivery, data);
      try {
        processMsg(delivery, data);
      } catch (thrown) {
        // A handler that published and didn't expect a refusal: told by the status already, it must not end the client's reading.
        if (!errors.isOurs(thrown)) throw thrown;
      }
    },
    request: (asked: Parameters<ClientProtocol["request"]>[0]) => {
      intake.asked(asked);
      return request(asked);
    },
    subscribe: (asked: Parameters<ClientProtocol["subscribe"]>[0]) => {
      intake.asked(asked);
      return subscribe(asked);
    },
    ...inOrder(protocol, gate, onClosed),
  });
  replace(connection, scope.methods);
  void protocol.closed.then(() => {
    gate.drop();
    void onClosed();
  });
  return { gate, errors, read };
}

interface PublishParts {
  readonly protocol: ClientProtocol;
  readonly gate: PublishGate;
  readonly errors: ClientErrors;
  readonly writer: FrameWriter;
  readonly scope: RequestScope;
  readonly read: ConnectionGuard["read"];
}

function createPublish({
  protocol,
  gate,
  errors,
  writer,
  scope,
  read,
}: PublishParts): (subject: unknown, payload?: unknown, options?: PublishArguments) => void {
  const send = (subject: unknown, payload: unknown, options: PublishArguments | undefined): void => {
    // The client itself writes to nobody then.
    if (protocol.isClosed()) return;
    const message = read(subject, payload, options);
    if (!writer.fits(message.payload.length)) errors.throwForSize();
    const sender = publishSender({ protocol, errors, message, terms: scope.take(), canThrow: scope.isPublishing() });
    gate.send(message, sender);
    sender.throwIfRefused();
  };
  /** Reads nothing that a poisoned prototype could supply, so that the quick look is enough. */
  const stand = (subject: unknown, payload: unknown): boolean =>
    typeof subject === "string" &&
    isPlainPayload(payload) &&
    hasPristineMethods() &&
    !protocol.isClosed() &&
    writer.fits(payloadBytes(payload)) &&
    gate.stand(subject, payload);
  return (subject, payload, options) => {
    if (options === undefined && stand(subject, payload)) return;
    withPristine(() => {
      send(subject, payload, options);
    });
  };
}

/** `flush` and `close` wait for what was published before them. */
function inOrder(
  protocol: ClientProtocol,
  gate: PublishGate,
  onClosed: () => Promise<void>,
): Pick<ClientProtocol, "flush" | "close"> {
  const flush = protocol.flush.bind(protocol);
  const close = protocol.close.bind(protocol);
  return {
    flush: async (pong?: unknown) => {
      await new Promise<void>((resolve) => {
        gate.inOrder(resolve, resolve);
      });
      gate.flushRun();
      return flush(pong);
    },
    close: async (reason?: Error) => {
      if (reason === undefined && !protocol.isClosed() && !gate.isIdle) {
        protocol.noMorePublishing = true;
        const over = new AbortController();
        const waited = sleep(CLOSE_WAIT_MS_MAX, undefined, { ref: false, signal: over.signal }).catch(() => undefined);
        await Promise.race([gate.idle(), waited]);
        over.abort();
      }
      gate.flushRun();
      // The client hands its buffer to the socket at the end of the turn.
      if (reason === undefined) await Promise.resolve();
      await close(reason);
      gate.drop();
      await onClosed();
    },
  };
}

/** Own properties in place of the class's methods, and never replaced again. */
function replace(owner: object, methods: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(owner, name, { value, writable: false, configurable: false, enumerable: false });
  }
}
