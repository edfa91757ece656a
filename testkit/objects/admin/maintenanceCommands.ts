import { readFile } from 'node:fs/promises';
import { adminOpcode } from '../../nvme/opcode.ts';
import { integer, optionalFunction, record, wrongType } from '../checks.ts';
import type { Command } from '../command.ts';
import type { Cqe } from '../cqe.ts';
import { DmaBuffer } from '../dmaBuffer.ts';
import type { SanitizeLog, SelfTestResult } from '../logs/operationLogs.ts';
import { checkWait, OperationProgress } from '../progress.ts';
import { allNamespaces, bufferOf, commandOptions } from './adminQueue.ts';
import { LogCommands } from './logCommands.ts';
import { firmwareCommitDword, formatDword, sanitizeDword, selfTestCode } from './maintenanceFields.ts';
import type {
  DownloadOptions,
  FirmwareCommitOptions,
  FormatOptions,
  SanitizeOptions,
  SelfTestOptions,
} from './maintenanceOptions.ts';
import { OperationFailedError } from './operationFailedError.ts';

const mostChunk = 32_768;
const formatPollMs = 100;

/** Format, sanitize, self-test and firmware. While the device tells of progress the test's time-out does not run out. */
export abstract class MaintenanceCommands extends LogCommands {
  /** Reads again which namespaces are active and how they are formatted. */
  abstract refreshNamespaces(): Promise<void>;

  /**
   * Format NVM (NVMe Base 2.0, "Format NVM command"). Everything on the namespace is lost. Resolves when the command completed; the
   * namespace objects then know their new block size. Progress is that of the Format Progress Indicator.
   * @throws TypeError, RangeError naming the field; NvmeStatusError
   */
  async format(options: FormatOptions = {}): Promise<Cqe> {
    const { nsid = 1 } = checkWait(options);
    integer('nsid', nsid, 0, allNamespaces);
    const sqe = { opcode: adminOpcode.formatNvm, nsid, cdw10: formatDword(options) };
    using progress = new OperationProgress('format', options);
    const command = this.admin(sqe, undefined, commandOptions(options));
    const poll = setInterval(() => void this.#formatProgress(nsid, progress), formatPollMs);
    try {
      const cqe = await command;
      progress.at(100);
      await this.refreshNamespaces();
      return cqe;
    } finally {
      clearInterval(poll);
    }
  }

  /**
   * Sanitize (NVMe Base 2.0, "Sanitize command"), and by default waits until the operation is over.
   * @returns the Sanitize Status log page at its end
   * @throws TypeError, RangeError naming the field; NvmeStatusError; {@link OperationFailedError} when the operation failed
   */
  async sanitize(options: SanitizeOptions): Promise<SanitizeLog> {
    const { pattern = 0, wait = true } = checkWait(options);
    const sqe = { opcode: adminOpcode.sanitize, cdw10: sanitizeDword(options), cdw11: pattern };
    await this.admin(sqe, undefined, commandOptions(options));
    return wait ? this.waitForSanitize(options) : this.sanitizeLog();
  }

  /** Waits until no sanitize operation is in progress, one resumed after a loss of power included. @throws {@link OperationFailedError} */
  async waitForSanitize(options: Pick<SanitizeOptions, 'onProgress' | 'stuckMs'> = {}): Promise<SanitizeLog> {
    using progress = new OperationProgress('sanitize', checkWait(options));
    const log = await progress.until(async () => {
      const seen = await this.sanitizeLog({ rae: true });
      const percent = Math.floor((seen.progress / 65_536) * 100);
      return seen.state === 'in-progress' ? { percent } : { percent: 100, result: seen };
    });
    if (log.state === 'failed')
      throw new OperationFailedError('the sanitize operation failed (Sanitize Status log page, SSTAT 3)');
    return log;
  }

  /**
   * Device Self-test (NVMe Base 2.0, "Device Self-test command"), and by default waits until it is over.
   * @param code what to do; other values by number, 0..15
   * @returns its result; undefined with `wait: false` or `abort`
   * @throws TypeError, RangeError; NvmeStatusError; {@link OperationFailedError} when the device found a failure, unless `allowError`
   */
  async deviceSelfTest(
    code: 'short' | 'extended' | 'abort' | number,
    options: SelfTestOptions = {},
  ): Promise<SelfTestResult | undefined> {
    const cdw10 = selfTestCode(code);
    const { nsid = allNamespaces } = checkWait(options);
    integer('nsid', nsid, 0, allNamespaces);
    await this.admin({ opcode: adminOpcode.deviceSelfTest, nsid, cdw10 }, undefined, commandOptions(options));
    if (options.wait === false || code === 'abort' || code === 0xf) return undefined;
    using progress = new OperationProgress('device self-test', options);
    const log = await progress.until(async () => {
      const seen = await this.selfTestLog();
      return seen.operation === 0 ? { percent: 100, result: seen } : { percent: seen.percent };
    });
    const [newest] = log.results;
    if (newest !== undefined && !newest.passed && options.allowError !== true) {
      throw new OperationFailedError(
        `the device self-test ended with result ${newest.result} (Device Self-test log page)`,
      );
    }
    return newest;
  }

  /**
   * One part of a firmware image (NVMe Base 2.0, "Firmware Image Download command").
   * @param options offset: bytes from the start of the image, a multiple of 4; length: bytes of the buffer, a multiple of 4
   */
  firmwareDownload(
    buffer: DmaBuffer,
    options: {
      readonly offset: number;
      readonly length?: number;
      readonly timeoutMs?: number;
      readonly allowError?: boolean;
    },
  ): Command {
    if (!(buffer instanceof DmaBuffer)) throw wrongType('buffer', 'a DmaBuffer', buffer);
    const length =
      dwords('length', record(options).length === undefined ? buffer.size : options.length, 4, buffer.size) * 4;
    const cdw11 = dwords('offset', options.offset, 0, 2 ** 34 - 4);
    const sqe = { opcode: adminOpcode.firmwareImageDownload, cdw10: length / 4 - 1, cdw11 };
    return this.admin(sqe, buffer, { ...commandOptions(options), length });
  }

  /** Firmware Commit (NVMe Base 2.0, "Firmware Commit command"). @throws TypeError, RangeError naming the field */
  firmwareCommit(options: FirmwareCommitOptions): Command {
    const cdw10 = firmwareCommitDword(record(options));
    return this.admin({ opcode: adminOpcode.firmwareCommit, cdw10 }, undefined, commandOptions(options));
  }

  /**
   * Sends a whole firmware image, part by part; {@link firmwareCommit} makes the controller take it.
   * @param image path of a file, its `file:` URL, or the bytes; a multiple of 4 of them
   * @returns bytes sent
   */
  async downloadFirmware(image: string | URL | Uint8Array, options: DownloadOptions = {}): Promise<number> {
    if (typeof image !== 'string' && !(image instanceof URL) && !(image instanceof Uint8Array)) {
      throw wrongType('image', 'a path, a URL or a Uint8Array', image);
    }
    const { chunkBytes = this.#chunkBytes() } = record(options);
    optionalFunction('onProgress', options.onProgress);
    const bytes = image instanceof Uint8Array ? image : await readFile(image);
    dwords('size of the image', bytes.length, 4, 2 ** 34);
    const chunk = dwords('chunkBytes', chunkBytes, 4, 2 ** 31) * 4;
    using progress = new OperationProgress('firmware download', options);
    for (let offset = 0; offset < bytes.length; offset += chunk) {
      const buffer = bufferOf(bytes.subarray(offset, offset + chunk), 'firmware image');
      await this.firmwareDownload(buffer, { ...commandOptions(options), offset });
      progress.at(Math.floor((Math.min(offset + chunk, bytes.length) / bytes.length) * 100));
    }
    return bytes.length;
  }

  /** FWUG is in 4 KiB; 0 = not reported, FFh = no restriction. */
  #chunkBytes(): number {
    const most = Math.min(mostChunk, this.maxTransferBytes);
    const fwug = this.identifyData.u(319);
    const unit = fwug === 0 || fwug === 0xff ? 4096 : fwug * 4096;
    return unit >= most ? unit : most - (most % unit);
  }

  async #formatProgress(nsid: number, progress: OperationProgress): Promise<void> {
    if (nsid === allNamespaces) return;
    // Some controllers refuse Identify of a namespace that is being formatted: then there is nothing to tell.
    const fpi = await this.identifyNamespace(nsid).then(
      (data) => data.u(32),
      () => 0,
    );
    if (fpi >= 0x80) progress.at(100 - (fpi & 0x7f));
  }
}

function dwords(name: string, bytes: unknown, least: number, most: number): number {
  const checked = integer(name, bytes, least, most);
  if (checked % 4 !== 0) throw new RangeError(`${name} must be a multiple of 4 bytes, not ${checked}`);
  return checked / 4;
}
