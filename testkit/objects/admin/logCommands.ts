import { integer, record, unsigned64, wrongType } from '../checks.ts';
import { Fields } from '../fields.ts';
import { type ErrorLogEntry, errorLogEntries, FirmwareSlotLog, SmartLog } from '../logs/basicLogs.ts';
import { ChangedNamespaces, CommandEffectsLog, FeatureEffectsLog, SupportedLogPages } from '../logs/effectLogs.ts';
import { PersistentEventLog, TelemetryHeader } from '../logs/historyLogs.ts';
import { SanitizeLog, SelfTestLog } from '../logs/operationLogs.ts';
import { InformationCommands } from './informationCommands.ts';
import type { LogPageOptions } from './informationOptions.ts';

const lids = {
  supportedLogPages: 0x00,
  errorInformation: 0x01,
  smartHealth: 0x02,
  firmwareSlot: 0x03,
  changedNamespaces: 0x04,
  commandEffects: 0x05,
  selfTest: 0x06,
  hostTelemetry: 0x07,
  controllerTelemetry: 0x08,
  persistentEvents: 0x0d,
  featureEffects: 0x12,
  sanitizeStatus: 0x81,
} as const;

const mostTransfer = 128 * 1024;
const readAndEstablish = 1;
const release = 2;

/** Log pages, decoded (NVMe Base 2.0, "Get Log Page command"). */
export abstract class LogCommands extends InformationCommands {
  /** Bytes one command may transfer, by MDTS; Infinity without a limit. */
  abstract get maxTransferBytes(): number;

  /** Supported Log Pages (00h). */
  async supportedLogPages(options: LogPageOptions = {}): Promise<SupportedLogPages> {
    return new SupportedLogPages(await this.readLogPage(lids.supportedLogPages, 1024, options));
  }

  /** Error Information (01h), newest first; unused entries left out. @param count entries to read; default all, ELPE + 1 */
  async errorLog(count: number = this.identifyData.elpe + 1, options: LogPageOptions = {}): Promise<ErrorLogEntry[]> {
    const length = integer('count', count, 1, 256) * 64;
    return errorLogEntries(await this.readLogPage(lids.errorInformation, length, options));
  }

  /** SMART / Health Information (02h). */
  async smart(options: LogPageOptions = {}): Promise<SmartLog> {
    return new SmartLog(await this.readLogPage(lids.smartHealth, 512, options));
  }

  /** Firmware Slot Information (03h). */
  async firmwareSlot(options: LogPageOptions = {}): Promise<FirmwareSlotLog> {
    return new FirmwareSlotLog(await this.readLogPage(lids.firmwareSlot, 512, options));
  }

  /** Changed Namespace List (04h): namespaces that changed since it was read last. */
  async changedNamespaces(options: LogPageOptions = {}): Promise<ChangedNamespaces> {
    return new ChangedNamespaces(await this.readLogPage(lids.changedNamespaces, 4096, options));
  }

  /** Commands Supported and Effects (05h); `csi` in the options chooses the I/O command set. */
  async commandEffects(options: LogPageOptions = {}): Promise<CommandEffectsLog> {
    return new CommandEffectsLog(await this.readLogPage(lids.commandEffects, 4096, options));
  }

  /**
   * Whether the controller says it has that command (Commands Supported and Effects).
   * @param opcode 0..255
   * @param queue of which kind; default `admin`
   */
  async supports(opcode: number, queue: 'admin' | 'io' = 'admin', options: LogPageOptions = {}): Promise<boolean> {
    integer('opcode', opcode, 0, 0xff);
    if (queue !== 'admin' && queue !== 'io') throw wrongType('queue', "'admin' or 'io'", queue);
    const effects = await this.commandEffects(options);
    return queue === 'io' ? effects.io(opcode).supported : effects.admin(opcode).supported;
  }

  /** Device Self-test (06h): the operation in progress and the last 20 results. */
  async selfTestLog(options: LogPageOptions = {}): Promise<SelfTestLog> {
    return new SelfTestLog(await this.readLogPage(lids.selfTest, 564, options));
  }

  /**
   * Header of Telemetry Host-Initiated (07h). By default the controller captures its state now.
   * @param asked create: false keeps the data of the last capture; default true
   */
  async hostTelemetry(asked: LogPageOptions & { readonly create?: boolean } = {}): Promise<TelemetryHeader> {
    const { create = true, ...options } = record(asked);
    const lsp = create ? 1 : 0;
    return new TelemetryHeader(await this.readLogPage(lids.hostTelemetry, 512, { lsp, ...options }));
  }

  /** Header of Telemetry Controller-Initiated (08h). Reading it without `rae` takes the event away. */
  async controllerTelemetry(options: LogPageOptions = {}): Promise<TelemetryHeader> {
    return new TelemetryHeader(await this.readLogPage(lids.controllerTelemetry, 512, options));
  }

  /** Header and data of Telemetry Host-Initiated up to data area 1, 2, 3 or 4, captured now. @returns its bytes */
  async hostTelemetryData(area: 1 | 2 | 3 | 4 = 3, options: LogPageOptions = {}): Promise<Uint8Array> {
    integer('area', area, 1, 4);
    record(options);
    const header = await this.hostTelemetry(options);
    return this.#readAll(lids.hostTelemetry, header.bytesOf(area), options);
  }

  /**
   * Persistent Event (0Dh): establishes a reporting context, reads the whole log and releases the context.
   * @param maxBytes read at most that many bytes; default all of them
   */
  async persistentEventLog(maxBytes: number = 2 ** 31, options: LogPageOptions = {}): Promise<PersistentEventLog> {
    integer('maxBytes', maxBytes, 512, 2 ** 31);
    const establish = { ...record(options), lsp: readAndEstablish };
    const head = new PersistentEventLog(await this.readLogPage(lids.persistentEvents, 512, establish));
    // Whole dwords are read: zeros follow the last byte of the log.
    const total = Math.min(Math.ceil(Number(head.totalBytes) / 4) * 4, maxBytes - (maxBytes % 4));
    try {
      const bytes = await this.#readAll(lids.persistentEvents, Math.max(total, 512), options);
      return new PersistentEventLog(bytes);
    } finally {
      await this.readLogPage(lids.persistentEvents, 512, { ...options, lsp: release });
    }
  }

  /** Feature Identifiers Supported and Effects (12h). */
  async featureEffects(options: LogPageOptions = {}): Promise<FeatureEffectsLog> {
    return new FeatureEffectsLog(await this.readLogPage(lids.featureEffects, 1024, options));
  }

  /** Sanitize Status (81h). */
  async sanitizeLog(options: LogPageOptions = {}): Promise<SanitizeLog> {
    return new SanitizeLog(await this.readLogPage(lids.sanitizeStatus, 512, options));
  }

  /** Any log page of any length as bytes, read in parts where it is larger than one command may transfer. */
  async logPage(lid: number, length: number, options: LogPageOptions = {}): Promise<Fields> {
    integer('length', length, 4, 2 ** 31);
    return new Fields(await this.#readAll(lid, length, options));
  }

  async #readAll(lid: number, length: number, options: LogPageOptions): Promise<Uint8Array> {
    const { offset = 0 } = record(options);
    const from = unsigned64('offset', offset);
    const all = new Uint8Array(length);
    const part = Math.min(this.maxTransferBytes, mostTransfer);
    for (let at = 0; at < length; at += part) {
      const bytes = Math.min(part, length - at);
      all.set(await this.readLogPage(lid, bytes, { ...options, offset: from + BigInt(at) }), at);
    }
    return all;
  }
}
