import type { Command, CommandCallback, CommandOptions } from '../command.ts';
import { DmaBuffer } from '../dmaBuffer.ts';
import type { IdentifyController } from '../identify.ts';
import type { Qpair } from '../qpair.ts';
import type { RawOptions } from '../qpairOptions.ts';
import type { SqeFields } from '../sqe.ts';

/** NSID FFFFFFFFh: all namespaces, or the controller as a whole. */
export const allNamespaces = 0xffff_ffff;

/** What the verbs of the admin queue are made of. */
export abstract class AdminQueue {
  /** The admin queue pair, Q00; a new one after every initialisation. */
  abstract get adminQpair(): Qpair;
  /** Identify Controller data as read by the last initialisation or `identify()`. */
  abstract get identifyData(): IdentifyController;
  /** @internal */
  abstract set identifyData(data: IdentifyController);
  /** It is no longer in its default state. @internal */
  abstract changed(): void;

  /**
   * Any admin command; what its fields say is the device's to judge (NVMe Base 2.0, "Admin Command Set"). With a buffer the driver
   * builds PRP1 and PRP2. With a callback it returns nothing.
   * @throws TypeError, RangeError when a value does not fit its field, the buffer is closed, or the queue is full
   */
  admin(sqe: SqeFields, buffer?: DmaBuffer, options?: RawOptions): Command;
  admin(sqe: SqeFields, buffer: DmaBuffer | undefined, options: RawOptions, callback: CommandCallback): void;
  admin(sqe: SqeFields, buffer?: DmaBuffer, options: RawOptions = {}, callback?: CommandCallback): Command | undefined {
    this.changed();
    return callback === undefined
      ? this.adminQpair.send(sqe, buffer, options)
      : void this.adminQpair.send(sqe, buffer, options, callback);
  }
}

/** What a command wrote into a buffer made for it; the memory goes back at once. @internal */
export async function readInto(
  length: number,
  name: string,
  send: (buffer: DmaBuffer) => PromiseLike<unknown>,
): Promise<Uint8Array> {
  const buffer = new DmaBuffer(length, { name });
  await send(buffer);
  const bytes = buffer.slice();
  buffer.close();
  return bytes;
}

/** A buffer that holds a structure the driver made. It goes back to the collector when the command is over. @internal */
export function bufferOf(bytes: Uint8Array, name: string): DmaBuffer {
  const buffer = new DmaBuffer(bytes.length, { name });
  buffer.write(bytes);
  return buffer;
}

/** Options of a command without those of its verb. @internal */
export function commandOptions({ timeoutMs, allowError }: CommandOptions): CommandOptions {
  return { ...(timeoutMs !== undefined && { timeoutMs }), ...(allowError !== undefined && { allowError }) };
}
