/** What a server sends, as values to be compared. Text is Latin-1, one character a byte. */
export type ServerFrame =
  | { readonly op: "+OK" | "PING" | "PONG" }
  | { readonly op: "-ERR"; readonly text: string }
  | { readonly op: "INFO"; readonly json: string }
  | Delivery
  /** A line that is none of a server's. */
  | { readonly op: "?"; readonly text: string };

/** MSG or HMSG. */
export interface Delivery {
  readonly op: "MSG";
  readonly sid: string;
  readonly subject: string;
  readonly reply: string;
  /** The header block as it came; empty for a MSG. */
  readonly headers: string;
  readonly payload: string;
}

/** Reads frames out of chunks, however they are cut. */
export interface ServerReader {
  /** The frames that this chunk completes. */
  read(chunk: Buffer): readonly ServerFrame[];
}

export function createServerReader(): ServerReader {
  let text = "";
  return {
    read: (chunk) => {
      text += chunk.toString("latin1");
      const frames: ServerFrame[] = [];
      for (let taken = readFrame(text); taken !== undefined; taken = readFrame(text)) {
        frames.push(taken.frame);
        text = text.slice(taken.end);
      }
      return frames;
    },
  };
}

interface Taken {
  readonly frame: ServerFrame;
  readonly end: number;
}

function readFrame(text: string): Taken | undefined {
  const lineEnd = text.indexOf("\r\n");
  if (lineEnd === -1) return undefined;
  const line = text.slice(0, lineEnd);
  const end = lineEnd + 2;
  const [verb = "", ...args] = line.split(" ");
  switch (verb) {
    case "+OK":
    case "PING":
    case "PONG":
      return { frame: { op: verb }, end };
    case "-ERR":
      return { frame: { op: verb, text: line.slice(5) }, end };
    case "INFO":
      return { frame: { op: verb, json: line.slice(5) }, end };
    case "MSG":
    case "HMSG":
      return readDelivery(text, { args, sizeCount: verb === "MSG" ? 1 : 2, bodyStart: end });
    default:
      return { frame: { op: "?", text: line }, end };
  }
}

interface DeliveryLine {
  readonly args: readonly string[];
  readonly sizeCount: number;
  readonly bodyStart: number;
}

function readDelivery(text: string, { args, sizeCount, bodyStart }: DeliveryLine): Taken | undefined {
  const [subject = "", sid = "", ...rest] = args;
  const reply = rest.length > sizeCount ? (rest[0] ?? "") : "";
  const total = Number(rest.at(-1));
  const headerChars = sizeCount === 2 ? Number(rest.at(-2)) : 0;
  const bodyEnd = bodyStart + total;
  if (text.length < bodyEnd + 2) return undefined;
  const headers = text.slice(bodyStart, bodyStart + headerChars);
  const payload = text.slice(bodyStart + headerChars, bodyEnd);
  return { frame: { op: "MSG", sid, subject, reply, headers, payload }, end: bodyEnd + 2 };
}
