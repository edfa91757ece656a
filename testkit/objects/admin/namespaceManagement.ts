import { adminOpcode } from '../../nvme/opcode.ts';
import { integer, record, unsigned64, wrongType } from '../checks.ts';
import type { CommandOptions } from '../command.ts';
import type { Cqe } from '../cqe.ts';
import { allNamespaces, bufferOf, commandOptions } from './adminQueue.ts';
import { MaintenanceCommands } from './maintenanceCommands.ts';

/** What the host chooses of a new namespace (NVMe Base 2.0, "Namespace Management command"; NVM Command Set 1.0). */
export interface CreateNamespaceOptions extends CommandOptions {
  /** Namespace Size, blocks. */
  readonly nsze: number | bigint;
  /** Namespace Capacity, blocks. Default: the size. */
  readonly ncap?: number | bigint;
  /** Index of the LBA format, 0..63. Default 0. */
  readonly lbaf?: number;
  /** Metadata at the end of each block instead of in a buffer of its own. */
  readonly extended?: boolean;
  /** End-to-end Data Protection Type Settings, 0..255. Default 0. */
  readonly dps?: number;
  /** Namespace Multi-path I/O and Namespace Sharing Capabilities, 0..255. Default 0: private. */
  readonly nmic?: number;
  /** NVM Set Identifier, 0..65,535. */
  readonly nvmSetId?: number;
  /** Endurance Group Identifier, 0..65,535. */
  readonly enduranceGroupId?: number;
  /** Command Set Identifier, 0..255: 0 NVM, 2 Zoned Namespace. Default 0. */
  readonly csi?: number;
}

/** Namespaces come and go. After each verb the controller's `namespaces` are what the device says. */
export abstract class NamespaceManagement extends MaintenanceCommands {
  /**
   * Namespace Management, Create. The namespace is not attached to any controller yet.
   * @returns its Namespace Identifier
   * @throws TypeError, RangeError naming the field; NvmeStatusError
   */
  async createNamespace(options: CreateNamespaceOptions): Promise<number> {
    const { csi = 0 } = record(options);
    const cdw11 = (integer('csi', csi, 0, 0xff) << 24) >>> 0;
    const buffer = bufferOf(hostSpecifiedFields(options), 'host specified fields');
    const sqe = { opcode: adminOpcode.namespaceManagement, cdw11 };
    const { dw0 } = await this.admin(sqe, buffer, commandOptions(options));
    return dw0;
  }

  /** Namespace Management, Delete. @param nsid FFFFFFFFh deletes all */
  async deleteNamespace(nsid: number, options: CommandOptions = {}): Promise<Cqe> {
    const sqe = { opcode: adminOpcode.namespaceManagement, nsid: integer('nsid', nsid, 0, allNamespaces), cdw10: 1 };
    const cqe = await this.admin(sqe, undefined, options);
    await this.refreshNamespaces();
    return cqe;
  }

  /**
   * Namespace Attachment, Attach (NVMe Base 2.0, "Namespace Attachment command").
   * @param options controllers: identifiers; default this controller's
   */
  async attachNamespace(nsid: number, options: AttachOptions = {}): Promise<Cqe> {
    return this.#attachment(nsid, 0, options);
  }

  /** Namespace Attachment, Detach. */
  async detachNamespace(nsid: number, options: AttachOptions = {}): Promise<Cqe> {
    return this.#attachment(nsid, 1, options);
  }

  async #attachment(nsid: number, cdw10: number, options: AttachOptions): Promise<Cqe> {
    integer('nsid', nsid, 0, allNamespaces);
    const { controllers = [this.identifyData.cntlid] } = record(options);
    const buffer = bufferOf(controllerList(controllers), 'controller list');
    const cqe = await this.admin(
      { opcode: adminOpcode.namespaceAttachment, nsid, cdw10 },
      buffer,
      commandOptions(options),
    );
    await this.refreshNamespaces();
    return cqe;
  }
}

/** Options of Namespace Attachment. */
export interface AttachOptions extends CommandOptions {
  /** Controller Identifiers, at most 2,047. Default: this controller's. */
  readonly controllers?: readonly number[];
}

/** Offsets are those of the Identify Namespace data structure. */
function hostSpecifiedFields(options: CreateNamespaceOptions): Uint8Array {
  const { nsze, ncap = nsze, lbaf = 0, dps = 0, nmic = 0, nvmSetId = 0, enduranceGroupId = 0 } = options;
  const bytes = new Uint8Array(4096);
  const view = new DataView(bytes.buffer);
  const index = integer('lbaf', lbaf, 0, 63);
  view.setBigUint64(0, unsigned64('nsze', nsze), true);
  view.setBigUint64(8, unsigned64('ncap', ncap), true);
  view.setUint8(26, (index & 0xf) | (options.extended ? 0x10 : 0) | ((index & 0x30) << 1));
  view.setUint8(29, integer('dps', dps, 0, 0xff));
  view.setUint8(30, integer('nmic', nmic, 0, 0xff));
  view.setUint16(100, integer('nvmSetId', nvmSetId, 0, 0xffff), true);
  view.setUint16(102, integer('enduranceGroupId', enduranceGroupId, 0, 0xffff), true);
  return bytes;
}

/** Controller List (NVMe Base 2.0): how many, then their identifiers. */
function controllerList(ids: readonly number[]): Uint8Array {
  if (!Array.isArray(ids)) throw wrongType('controllers', 'an array of controller ids', ids);
  integer('controllers.length', ids.length, 0, 2047);
  const bytes = new Uint8Array(4096);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, ids.length, true);
  ids.forEach((id, index) => {
    view.setUint16(2 + index * 2, integer(`controllers[${index}]`, id, 0, 0xffff), true);
  });
  return bytes;
}
