import { adminOpcode } from '../../nvme/opcode.ts';
import { integer, record, wrongType } from '../checks.ts';
import type { Command, CommandOptions } from '../command.ts';
import { DmaBuffer } from '../dmaBuffer.ts';
import { commandOptions } from './adminQueue.ts';
import { NamespaceManagement } from './namespaceManagement.ts';

/** Fields of Security Send and Security Receive (NVMe Base 2.0, "Security Send command", "Security Receive command"). */
export interface SecurityOptions extends CommandOptions {
  /** Security Protocol, 0..255. Default 0: security protocol information. */
  readonly protocol?: number;
  /** SP Specific, 0..65,535. Default 0. */
  readonly spSpecific?: number;
  /** NVMe Security Specific Field, 0..255. Default 0. */
  readonly nssf?: number;
  /** Default 0. */
  readonly nsid?: number;
  /** Bytes: Transfer Length, Allocation Length. Default: the buffer. */
  readonly length?: number;
}

/** Fields of Directive Send and Directive Receive (NVMe Base 2.0, "Directive Send command", "Directive Receive command"). */
export interface DirectiveOptions extends CommandOptions {
  /** Directive Type, 0..255: 0 identify, 1 streams. */
  readonly type: number;
  /** Directive Operation, 0..255; its meaning depends on the type. */
  readonly operation: number;
  /** Directive Specific, 0..65,535: of streams the stream identifier. Default 0. */
  readonly specific?: number;
  /** Default 1. */
  readonly nsid?: number;
  /** Command Dword 12: its meaning depends on the type and operation. */
  readonly cdw12?: number;
  /** Command Dword 13. */
  readonly cdw13?: number;
}

/**
 * Fields of NVMe-MI Send and NVMe-MI Receive (NVMe-MI 1.2, "In-Band Tunneling Message Servicing Model"). How the tunneled
 * command ended is in Dword 0 of the completion: Response Message Status (bits 7:0), NVMe Management Response (bits 31:8).
 */
export interface ManagementInterfaceOptions extends CommandOptions {
  /** NVMe-MI opcode, 0..255: 0 Read NVMe-MI Data Structure, 1 NVM Subsystem Health Status Poll, ... Default 0. */
  readonly opcode?: number;
  /** NVMe-MI Message Type (NMIMT), 0..15. Default 1: an NVMe-MI Command. */
  readonly messageType?: number;
  /** NVMe Management Dword 0: its meaning depends on the opcode. Default 0. */
  readonly nmd0?: number;
  /** NVMe Management Dword 1. Default 0. */
  readonly nmd1?: number;
  /** Default 0. */
  readonly nsid?: number;
}

/** Message Type of the NVMe-MI Message Header. */
const managementMessage = 0x04;

/** Commands that carry another protocol's messages: security, directives, the management interface. */
export abstract class TunnelCommands extends NamespaceManagement {
  /** Security Send. @throws TypeError, RangeError naming the field */
  securitySend(buffer: DmaBuffer, options: SecurityOptions = {}): Command {
    return this.#security(adminOpcode.securitySend, buffer, options);
  }

  /** Security Receive. @throws TypeError, RangeError naming the field */
  securityReceive(buffer: DmaBuffer, options: SecurityOptions = {}): Command {
    return this.#security(adminOpcode.securityReceive, buffer, options);
  }

  /** Directive Send. @param buffer undefined where the operation has no data @throws TypeError, RangeError naming the field */
  directiveSend(buffer: DmaBuffer | undefined, options: DirectiveOptions): Command {
    return this.#directive(adminOpcode.directiveSend, buffer, options);
  }

  /** Directive Receive. @param buffer undefined where the operation has no data @throws TypeError, RangeError naming the field */
  directiveReceive(buffer: DmaBuffer | undefined, options: DirectiveOptions): Command {
    return this.#directive(adminOpcode.directiveReceive, buffer, options);
  }

  /** NVMe-MI Send. @param buffer undefined where the command has no Request Data @throws TypeError, RangeError naming the field */
  miSend(buffer: DmaBuffer | undefined, options: ManagementInterfaceOptions = {}): Command {
    return this.#managementInterface(adminOpcode.nvmeMiSend, buffer, options);
  }

  /** NVMe-MI Receive. @param buffer undefined where the command has no Response Data @throws TypeError, RangeError naming the field */
  miReceive(buffer: DmaBuffer | undefined, options: ManagementInterfaceOptions = {}): Command {
    return this.#managementInterface(adminOpcode.nvmeMiReceive, buffer, options);
  }

  #security(opcode: number, buffer: DmaBuffer, options: SecurityOptions): Command {
    if (!(buffer instanceof DmaBuffer)) throw wrongType('buffer', 'a DmaBuffer', buffer);
    const { protocol = 0, spSpecific = 0, nssf = 0, nsid = 0, length = buffer.size } = record(options);
    const bytes = integer('length', length, 0, buffer.size);
    const cdw10 =
      ((integer('protocol', protocol, 0, 0xff) << 24) |
        (integer('spSpecific', spSpecific, 0, 0xffff) << 8) |
        integer('nssf', nssf, 0, 0xff)) >>>
      0;
    const data = bytes === 0 ? undefined : buffer;
    return this.admin({ opcode, nsid, cdw10, cdw11: bytes }, data, {
      ...commandOptions(options),
      ...(bytes > 0 && { length: bytes }),
    });
  }

  #directive(opcode: number, buffer: DmaBuffer | undefined, options: DirectiveOptions): Command {
    const data = optionalBuffer(buffer);
    const { type, operation, specific = 0, nsid = 1, cdw12 = 0, cdw13 = 0 } = record(options);
    const length = (data?.size ?? 0) & ~3;
    if (data !== undefined && length === 0) throw new RangeError(`${data.name} must hold a dword at least`);
    const cdw11 =
      ((integer('specific', specific, 0, 0xffff) << 16) |
        (integer('type', type, 0, 0xff) << 8) |
        integer('operation', operation, 0, 0xff)) >>>
      0;
    const cdw10 = length === 0 ? 0 : length / 4 - 1;
    return this.admin({ opcode, nsid, cdw10, cdw11, cdw12, cdw13 }, data, {
      ...commandOptions(options),
      ...(length > 0 && { length }),
    });
  }

  #managementInterface(opcode: number, buffer: DmaBuffer | undefined, options: ManagementInterfaceOptions): Command {
    const data = optionalBuffer(buffer);
    const { opcode: command = 0, messageType = 1, nmd0 = 0, nmd1 = 0, nsid = 0 } = record(options);
    const cdw10 = managementMessage | (integer('messageType', messageType, 0, 0xf) << 11);
    const cdw11 = integer('opcode', command, 0, 0xff);
    const cdw12 = integer('nmd0', nmd0, 0, 0xffff_ffff);
    const cdw13 = integer('nmd1', nmd1, 0, 0xffff_ffff);
    return this.admin({ opcode, nsid, cdw10, cdw11, cdw12, cdw13 }, data, commandOptions(options));
  }
}

function optionalBuffer(buffer: unknown): DmaBuffer | undefined {
  if (buffer === undefined || buffer instanceof DmaBuffer) return buffer;
  throw wrongType('buffer', 'a DmaBuffer or undefined', buffer);
}
