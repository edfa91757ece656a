/** The part of the addon's typed surface that makes a device misbehave, where it can be made to. */

export type NativeFaultKind =
  | 'status'
  | 'media-error'
  | 'corrupt-data'
  | 'delay'
  | 'drop-completion'
  | 'duplicate-completion'
  | 'wrong-cid'
  | 'wrong-sqid'
  | 'sq-head-out-of-range'
  | 'stale-phase'
  | 'unexpected-queue'
  | 'controller-fatal'
  | 'removal'
  | 'power-loss';

export type NativeCutMoment = 'before' | 'between-blocks' | 'mid-program' | 'before-completion';

export interface NativeFault {
  readonly kind: NativeFaultKind;
  /** Which commands; what is left out matches all. */
  readonly admin?: boolean;
  readonly qid?: number;
  readonly opcode?: number;
  readonly nsid?: number;
  readonly firstLba?: bigint;
  readonly lastLba?: bigint;
  /** The first matching command it acts on, from 1. */
  readonly nth?: number;
  /** How many in a row; 0: all that follow. */
  readonly times?: number;
  /** 15-bit status field. */
  readonly status?: number;
  readonly delayNs?: bigint;
  /** A CID, SQ identifier or CQ identifier, by the kind. */
  readonly value?: number;
  readonly offset?: number;
  readonly mask?: number;
  readonly moment?: NativeCutMoment;
  readonly blocks?: number;
}

export interface NativeFaultReport {
  readonly id: number;
  readonly matched: number;
  readonly fired: number;
}

/** What the sensors say; what is left out stays. */
export interface NativeHealth {
  readonly temperatureKelvin?: number;
  /** Available Spare of the SMART / Health log page, per cent, 0 to 100; below 10 it is a critical warning. */
  readonly availableSpare?: number;
  /** Percentage Used of the SMART / Health log page, 0 to 255. */
  readonly percentageUsed?: number;
  /** Critical Warning: the reliability of the NVM subsystem is degraded. */
  readonly reliabilityDegraded?: boolean;
  /** Critical Warning: the media are in read only mode. */
  readonly readOnly?: boolean;
  /** Critical Warning: the backup of the volatile memory has failed. */
  readonly backupFailed?: boolean;
}

/** Everything throws or rejects `PLATFORM_LIMIT` where nothing can inject faults, `CLOSED` after the controller was closed. */
export interface NativeFaultInjector {
  /** Its id. Throws `BAD_FAULT` naming what is wrong. */
  add(fault: NativeFault): number;
  find(id: number): NativeFaultReport | undefined;
  list(): readonly NativeFaultReport[];
  /** False when there is none of this id. */
  remove(id: number): boolean;
  /** Forgets every fault and every changed sensor. */
  clear(): Promise<void>;
  setHealth(health: NativeHealth): Promise<void>;
  /** CSTS.CFS now. */
  failController(): Promise<void>;
  /** An internal error that no command caused: an Error Information entry and an Error event. */
  reportInternalError(persistent: boolean): Promise<void>;
  /** The sanitize operation that runs, or else the next one, fails. */
  failSanitize(): Promise<void>;
  /** The device is gone now; `power('on')` plugs it in again. */
  removeDevice(): Promise<void>;
}
