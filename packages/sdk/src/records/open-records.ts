import type { RecordSink } from "@cortexos/kernel";
import { openFileRecordSink, type StoredRecordSink } from "@cortexos/stores";
import type { NatsConnection } from "@nats-io/transport-node";

/** Where records go. `memory` loses them at exit: for trials only. */
export type RecordsOption =
  | { readonly kind: "memory" }
  | { readonly kind: "file"; readonly path: string }
  | {
      readonly kind: "jetstream";
      /** Another connection than the guarded one, of a user that the agent's own code doesn't have. Stays open. */
      readonly connection: NatsConnection;
      readonly stream?: string;
      readonly subject?: string;
    }
  /** A sink of the program's own. Stays open. */
  | { readonly kind: "sink"; readonly sink: RecordSink };

/** The sink of a guard, which may still be opening: what is appended meanwhile waits for it. */
export interface GuardRecords extends RecordSink {
  /** Rejects when the sink can't be opened; then nothing is released. */
  readonly opened: Promise<void>;
  close(): Promise<void>;
}

/** Begins to open a sink and returns at once. */
export function openRecords(option: RecordsOption, writer: string): GuardRecords {
  switch (option.kind) {
    case "memory":
      // What `explain()` remembers is all there is.
      return { append: () => undefined, opened: Promise.resolve(), close: doNothing };
    case "sink":
      return { append: (record) => option.sink.append(record), opened: Promise.resolve(), close: doNothing };
    case "file":
      return openingSink(openFileRecordSink({ path: option.path }));
    case "jetstream":
      return openingSink(openStream(option, writer));
  }
}

type StreamOption = Extract<RecordsOption, { kind: "jetstream" }>;

async function openStream({ connection, stream, subject }: StreamOption, writer: string): Promise<StoredRecordSink> {
  // Loaded only by who asks for it: it needs the JetStream client.
  const { openStreamSink } = await import("./open-stream-sink.ts");
  const place = { ...(stream !== undefined && { stream }), ...(subject !== undefined && { subject }) };
  return openStreamSink({ connection, writer, ...place });
}

function openingSink(opening: Promise<StoredRecordSink>): GuardRecords {
  let opened: StoredRecordSink | undefined;
  const settled = opening.then((sink) => {
    opened = sink;
  });
  // Every append that waits for it sees the rejection.
  settled.catch(() => undefined);
  return {
    append: (record) =>
      opened === undefined ? opening.then(async (sink) => sink.append(record)) : opened.append(record),
    opened: settled,
    close: async () => {
      await settled.catch(() => undefined);
      await opened?.close();
    },
  };
}

async function doNothing(): Promise<void> {}
