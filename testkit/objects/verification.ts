import type { NativeController } from '../nativeSurface.ts';
import { record, unsigned64 } from './checks.ts';
import type { BlockLayout } from './nvm/blockData.ts';
import { currentScope, type TestScope } from './testScope.ts';

/** What of a namespace is verified. */
export interface VerificationOptions {
  /** First LBA of the region. Default 0. */
  readonly regionStart?: number | bigint;
  /** The LBA after its last. Default NSZE. */
  readonly regionEnd?: number | bigint;
  /** Whether completed writes are durable only after a Flush (the volatile write cache is enabled). Default true. */
  readonly writeCache?: boolean;
  /**
   * Zone Size of a zoned namespace, blocks (`(await nvme0n1.zonedData()).zoneSize(format)`): resetting a zone leaves what is known of
   * the others. Default: from the zone on nothing is known any more.
   */
  readonly zoneSize?: number | bigint;
}

const cstsOffset = 0x1c;

/** What the verification needs to know of a namespace. @internal */
export interface VerifiedNamespace {
  readonly nsid: number;
  readonly nsze: bigint;
  readonly layout: BlockLayout;
  readonly controller: { readonly native: NativeController };
}

/**
 * Inline data verification of a namespace, made by {@link Namespace.verification} or the `verify` fixture. While it is on every block
 * written carries its LBA (first 8 bytes) and the number of its write (last 8), in memory of the driver's own; a read that gives
 * anything else than what was written is a {@link DataMismatchError} that says whether the block is misplaced, stale or corrupt.
 */
export class Verification implements AsyncDisposable {
  readonly #namespace: VerifiedNamespace;
  readonly #scope: TestScope = currentScope();
  #isOn = false;

  /** @internal */
  constructor(namespace: VerifiedNamespace) {
    this.#namespace = namespace;
    this.#scope.own(this);
  }

  /** Whether reads are verified now. */
  get isOn(): boolean {
    return this.#isOn;
  }

  /**
   * Begins, or goes on with another region. With the same region what is known stays known.
   * @throws TypeError, RangeError for a region that is empty or ends beyond NSZE
   */
  on(options: VerificationOptions = {}): void {
    const { nsid, nsze, layout, controller } = this.#namespace;
    const { regionStart = 0, regionEnd = nsze, writeCache = true, zoneSize = 0 } = record(options);
    // Verification is the driver's own: only this asks whether the controller is still open.
    controller.native.readRegister(cstsOffset, 4);
    controller.native.setVerification(nsid, {
      lbaBytes: layout.lbaBytes,
      metadataBytes: layout.extended ? layout.metadataBytes : 0,
      regionStart: unsigned64('regionStart', regionStart),
      regionEnd: unsigned64('regionEnd', regionEnd),
      writeCache: writeCache === true,
      guarded: layout.protectionType !== 0,
      zoneBlocks: unsigned64('zoneSize', zoneSize),
    });
    this.#isOn = true;
  }

  /** From now on data is byte for byte as the test wrote it. */
  off(): void {
    if (!this.#isOn) return;
    this.#isOn = false;
    this.#namespace.controller.native.setVerification(this.#namespace.nsid, undefined);
  }

  /** As {@link off}; also fine after the controller was closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#scope.disown(this);
    try {
      this.off();
    } catch {
      // Closed with its controller: nothing is verified any more.
      return;
    }
  }
}
