import { Buffer } from "node:buffer";
import type { Readable } from "node:stream";

/**
 * Lines of a stream, without their ends; a last one without an end too.
 *
 * @throws RangeError for a line that is longer than `bytesMax`.
 */
export async function* splitLines(stream: Readable, bytesMax: number): AsyncGenerator<Buffer, void> {
  let kept: Buffer[] = [];
  let keptBytes = 0;
  for await (const chunk of stream) {
    let rest = asBuffer(chunk);
    for (let end = rest.indexOf(LF); end !== -1; end = rest.indexOf(LF)) {
      const line = Buffer.concat([...kept, rest.subarray(0, end)]);
      rest = rest.subarray(end + 1);
      kept = [];
      keptBytes = 0;
      yield line;
    }
    if (rest.length === 0) continue;
    keptBytes += rest.length;
    if (keptBytes > bytesMax) throw new RangeError(`a line is longer than ${bytesMax} bytes`);
    kept.push(rest);
  }
  if (keptBytes > 0) yield Buffer.concat(kept);
}

const LF = 0x0a;

function asBuffer(chunk: unknown): Buffer {
  if (Buffer.isBuffer(chunk)) return chunk;
  return Buffer.from(typeof chunk === "string" ? chunk : "", "utf8");
}
