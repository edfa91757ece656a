import type { Duplex } from 'node:stream';
import { deserialize, serialize } from 'node:v8';

/** A frame is a 4-byte little-endian length and that many bytes of `v8.serialize`. Larger ones mean the stream is out of step. */
const maxFrameBytes = 64 * 1024 * 1024;
const headerBytes = 4;

export function encodeFrame(message: unknown): Buffer {
  const body = serialize(message);
  const header = Buffer.allocUnsafe(headerBytes);
  header.writeUInt32LE(body.length);
  return Buffer.concat([header, body]);
}

/** Cuts a byte stream back into messages. */
export class FrameDecoder {
  private chunks: Buffer[] = [];
  private bytes = 0;

  /** Returns every message completed by `chunk`. Throws when the stream cannot be frames. */
  push(chunk: Buffer): unknown[] {
    this.chunks.push(chunk);
    this.bytes += chunk.length;
    const messages: unknown[] = [];
    for (let frame = this.next(); frame; frame = this.next()) messages.push(deserialize(frame));
    return messages;
  }

  private next(): Buffer | undefined {
    if (this.bytes < headerBytes) return undefined;
    const length = this.joined().readUInt32LE();
    if (length > maxFrameBytes) throw new Error(`The telemetry channel is out of step (a frame of ${length} bytes).`);
    if (this.bytes < headerBytes + length) return undefined;
    const all = this.joined();
    const rest = all.subarray(headerBytes + length);
    this.chunks = [rest];
    this.bytes = rest.length;
    return all.subarray(headerBytes, headerBytes + length);
  }

  private joined(): Buffer {
    const [first] = this.chunks;
    if (this.chunks.length === 1 && first) return first;
    const all = Buffer.concat(this.chunks);
    this.chunks = [all];
    return all;
  }
}

/** Messages over a duplex stream; both ends of fd 4 use it. */
export class FramedSocket {
  private readonly decoder = new FrameDecoder();

  constructor(private readonly stream: Duplex) {
    // A peer that died resets the stream: its death is reported by the process' exit, not here.
    stream.on('error', () => undefined);
    // Half open is of no use, and would keep the child's 'close' waiting.
    stream.on('end', () => stream.destroy());
  }

  /** `flushed` runs when the bytes were handed to the kernel. */
  readonly post = (message: unknown, flushed?: () => void): void => {
    if (this.stream.writable) this.stream.write(encodeFrame(message), () => flushed?.());
    else flushed?.();
  };

  readonly listen = (receive: (message: unknown) => void): void => {
    this.stream.on('data', (chunk: Buffer) => {
      for (const message of this.decoder.push(chunk)) receive(message);
    });
  };
}
