import { Fields } from '../fields.ts';

/** A host that is registered. */
export interface Registrant {
  /** Controller Identifier; FFFFh where dynamic. */
  readonly cntlid: number;
  /** It holds the reservation. */
  readonly holds: boolean;
  /** Host Identifier: 64 bits, or 128 of the extended data structure. */
  readonly hostId: bigint;
  /** Reservation Key. */
  readonly key: bigint;
}

/** Reservation Status data structure, or the extended one (NVMe Base 2.0, "Reservation Report command"). */
export class ReservationStatus extends Fields {
  /** With 128-bit host identifiers. */
  readonly extended: boolean;

  /** @internal */
  constructor(bytes: Uint8Array, extended: boolean) {
    super(bytes);
    this.extended = extended;
  }

  /** Generation: counts registrations, replacements, preemptions and clears. */
  get generation(): number {
    return this.u(3, 0);
  }
  /** Reservation Type: 0 none is held, 1 Write Exclusive, 2 Exclusive Access, 3..6 those of registrants. */
  get type(): number {
    return this.u(4);
  }
  /** Number of Registered Controllers. */
  get registered(): number {
    return this.u(6, 5);
  }
  /** Persist Through Power Loss State. */
  get persistsThroughPowerLoss(): boolean {
    return this.u(9) === 1;
  }
  /** Those within the bytes that were read. */
  get registrants(): readonly Registrant[] {
    const [first, bytes] = this.extended ? [64, 64] : [24, 24];
    const room = Math.floor((this.bytes.length - first) / bytes);
    return Array.from({ length: Math.max(0, Math.min(this.registered, room)) }, (_, index) =>
      this.#registrant(first + index * bytes),
    );
  }

  #registrant(at: number): Registrant {
    const [hostEnd, hostBegin] = this.extended ? ([at + 31, at + 16] as const) : ([at + 15, at + 8] as const);
    const keyAt = this.extended ? at + 8 : at + 16;
    return {
      cntlid: this.u(at + 1, at),
      holds: this.bit(0, at + 2),
      hostId: this.big(hostEnd, hostBegin),
      key: this.big(keyAt + 7, keyAt),
    };
  }
}
