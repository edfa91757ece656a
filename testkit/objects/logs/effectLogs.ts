import { integer } from '../checks.ts';
import { Fields } from '../fields.ts';

/** What the controller says of one command (NVMe Base 2.0, "Commands Supported and Effects"). */
export interface CommandEffects {
  /** The dword as it stands in the log page. */
  readonly raw: number;
  /** CSUPP */
  readonly supported: boolean;
  /** LBCC: it may change data. */
  readonly changesData: boolean;
  /** NCC: it may change capabilities of one namespace. */
  readonly changesNamespace: boolean;
  /** NIC: it may change the number of namespaces, or capabilities of several. */
  readonly changesInventory: boolean;
  /** CCC: it may change capabilities of the controller. */
  readonly changesController: boolean;
  /** CSE: 0 no restriction, 1 alone on its namespace, 2 alone on all namespaces. */
  readonly submission: number;
}

/** Commands Supported and Effects log page (NVMe Base 2.0), 4096 bytes. */
export class CommandEffectsLog extends Fields {
  /** Of an admin command. @param opcode 0..255 */
  admin(opcode: number): CommandEffects {
    return commandEffects(this, integer('opcode', opcode, 0, 0xff) * 4);
  }

  /** Of I/O commands of the command set the page was read for. @param opcode 0..255 */
  io(opcode: number): CommandEffects {
    return commandEffects(this, 1024 + integer('opcode', opcode, 0, 0xff) * 4);
  }
}

function commandEffects(log: Fields, at: number): CommandEffects {
  const raw = log.u(at + 3, at);
  const has = (bit: number): boolean => ((raw >>> bit) & 1) === 1;
  return {
    raw,
    supported: has(0),
    changesData: has(1),
    changesNamespace: has(2),
    changesInventory: has(3),
    changesController: has(4),
    submission: (raw >>> 16) & 7,
  };
}

/** Feature Identifiers Supported and Effects log page (NVMe Base 2.0), 1024 bytes. */
export class FeatureEffectsLog extends Fields {
  /** FSUPP. @param fid Feature Identifier, 0..255 */
  supports(fid: number): boolean {
    return this.bit(0, ...this.#place(fid));
  }

  /** The dword as it stands in the log page. @param fid Feature Identifier, 0..255 */
  effects(fid: number): number {
    return this.u(...this.#place(fid));
  }

  #place(fid: number): [end: number, begin: number] {
    const at = integer('fid', fid, 0, 0xff) * 4;
    return [at + 3, at];
  }
}

/** Supported Log Pages log page (NVMe Base 2.0), 1024 bytes. */
export class SupportedLogPages extends Fields {
  /** LSUPP. @param lid Log Page Identifier, 0..255 */
  supports(lid: number): boolean {
    const at = integer('lid', lid, 0, 0xff) * 4;
    return this.bit(0, at + 3, at);
  }

  /** Identifiers of all supported pages, ascending. */
  get lids(): readonly number[] {
    return Array.from({ length: 256 }, (_, lid) => lid).filter((lid) => this.supports(lid));
  }
}

/** Changed Namespace List log page (NVMe Base 2.0), 4096 bytes. */
export class ChangedNamespaces extends Fields {
  /** More namespaces changed than the list holds: any may have. */
  get overflowed(): boolean {
    return this.u(3, 0) === 0xffff_ffff;
  }

  /** Namespace Identifiers, ascending; empty when it overflowed. */
  get nsids(): readonly number[] {
    if (this.overflowed) return [];
    return Array.from({ length: 1024 }, (_, index) => this.u(index * 4 + 3, index * 4)).filter((nsid) => nsid !== 0);
  }
}
