import { record, wrongType } from '../checks.ts';
import type { Command, CommandOptions } from '../command.ts';
import type { Cqe } from '../cqe.ts';
import { DmaBuffer } from '../dmaBuffer.ts';
import type { IoBuffer } from '../nvm/ioOptions.ts';
import type { Qpair } from '../qpair.ts';
import type { ZoneAppendOptions, ZoneCommands } from './zoneCommands.ts';
import type { ZoneDescriptor, ZoneState } from './zoneDescriptor.ts';
import { readReport } from './zoneReport.ts';

/** What {@link Zone.append} resolves to. */
export interface Appended {
  /** LBA of the first block written. */
  readonly slba: bigint;
  /** How the command completed. */
  readonly cqe: Cqe;
}

/**
 * A zone of a zoned namespace (ZNS Command Set 1.1), from {@link Namespace.zones} or {@link Namespace.zone}. What it tells is as of
 * its last report: {@link refresh} reads another.
 */
export class Zone {
  /** The namespace it is in. */
  readonly namespace: ZoneCommands;
  #descriptor: ZoneDescriptor;

  /** @internal */
  constructor(namespace: ZoneCommands, descriptor: ZoneDescriptor) {
    this.namespace = namespace;
    this.#descriptor = descriptor;
  }

  /** Its descriptor, as reported last. */
  get descriptor(): ZoneDescriptor {
    return this.#descriptor;
  }

  /** Zone Start LBA. */
  get zslba(): bigint {
    return this.#descriptor.zslba;
  }

  /** Zone Capacity, blocks: what can be written. */
  get capacity(): bigint {
    return this.#descriptor.capacity;
  }

  /** Its state, as reported last. */
  get state(): ZoneState {
    return this.#descriptor.state;
  }

  /** Where the next write goes, as reported last; undefined in states without one. */
  get writePointer(): bigint | undefined {
    return this.#descriptor.writePointer;
  }

  /** Reads its descriptor again. @throws NvmeStatusError */
  async refresh(qpair: Qpair, options: CommandOptions = {}): Promise<this> {
    const slba = this.zslba;
    const [descriptor] = await readReport(this.namespace, qpair, { ...record(options), slba, most: 1 });
    if (descriptor !== undefined) this.#descriptor = descriptor;
    return this;
  }

  /**
   * Zone Append: writes blocks at its write pointer, wherever that is.
   * @throws TypeError, RangeError, NvmeStatusError
   */
  async append(qpair: Qpair, buffer: IoBuffer, options: Omit<ZoneAppendOptions, 'zslba'> = {}): Promise<Appended> {
    const cqe = await this.namespace.zoneAppend(qpair, buffer, { ...record(options), zslba: this.zslba });
    return { slba: (BigInt(cqe.dw1) << 32n) | BigInt(cqe.dw0), cqe };
  }

  /** Open Zone: explicitly opened, and kept so until the host closes, finishes or resets it. */
  open(qpair: Qpair, options: CommandOptions = {}): Command {
    return this.namespace.zoneSend(qpair, 'open', { ...record(options), slba: this.zslba });
  }

  /** Close Zone: gives its open resource back. */
  close(qpair: Qpair, options: CommandOptions = {}): Command {
    return this.namespace.zoneSend(qpair, 'close', { ...record(options), slba: this.zslba });
  }

  /** Finish Zone: full, whatever was written. */
  finish(qpair: Qpair, options: CommandOptions = {}): Command {
    return this.namespace.zoneSend(qpair, 'finish', { ...record(options), slba: this.zslba });
  }

  /** Reset Zone: empty; its data is gone. */
  reset(qpair: Qpair, options: CommandOptions = {}): Command {
    return this.namespace.zoneSend(qpair, 'reset', { ...record(options), slba: this.zslba });
  }

  /** Offline Zone: a read-only zone is given up. */
  offline(qpair: Qpair, options: CommandOptions = {}): Command {
    return this.namespace.zoneSend(qpair, 'offline', { ...record(options), slba: this.zslba });
  }

  /**
   * Set Zone Descriptor Extension of an empty zone, which makes it closed.
   * @param bytes as many as {@link ZonedNamespaceData.extensionBytes} says
   */
  async setExtension(qpair: Qpair, bytes: Uint8Array, options: CommandOptions = {}): Promise<Cqe> {
    if (!(bytes instanceof Uint8Array)) throw wrongType('bytes', 'a Uint8Array', bytes);
    const buffer = new DmaBuffer(bytes.length, { name: 'zone descriptor extension' });
    buffer.write(bytes);
    try {
      const command = { ...record(options), slba: this.zslba };
      return await this.namespace.zoneSend(qpair, 'set-descriptor-extension', command, buffer);
    } finally {
      buffer.close();
    }
  }
}
