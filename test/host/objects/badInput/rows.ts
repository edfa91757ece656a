import type { Kind } from './kinds.ts';
import { any, fields, int, object, oneOf, optional, required, u64 } from './kinds.ts';

/** One public method: its arguments, and whether it says that the object is closed. */
export interface Row {
  readonly args: readonly Kind[];
  /** False where nothing of a closed object is used: the answer is the same. */
  readonly closed: boolean;
}

export const row = (...args: readonly Kind[]): Row => ({ args, closed: true });
/** Works on data that stays. */
export const data = (...args: readonly Kind[]): Row => ({ args, closed: false });

export const timeoutMs = optional(int(0, 2 ** 32 - 1));
export const command = fields({ timeoutMs });
export const nsid = int(0, 0xffff_ffff, 1);
export const byte = int(0, 0xff);
export const logOptions = fields({
  length: int(4, 512, 512),
  offset: u64,
  lsp: int(0, 0x7f),
  lsi: int(0, 0xffff),
  uuidIndex: int(0, 0x7f),
  csi: byte,
  nsid,
  timeoutMs,
});
export const log = row(logOptions);
/** Of pages that are read in parts: length, offset and LSP are not the caller's. */
export const partOptions = fields({ lsi: int(0, 0xffff), uuidIndex: int(0, 0x7f), csi: byte, nsid, timeoutMs });

/** Objects that rows need. */
export interface Placed {
  readonly buffer: object;
  readonly qpair: object;
  /** A queue pair of another controller. */
  readonly foreign: object;
}

/** Kinds that need objects. */
export function placedKinds(placed: Placed) {
  const buffer = required(object(placed.buffer));
  const qpair: Kind = { good: placed.qpair, bad: [null, undefined, 5, {}, placed.foreign] };
  const range = { slba: required(u64), blockCount: int(1, 65_536, 1) };
  const protection = {
    prinfo: int(0, 15),
    refTag: int(0, 2 ** 32 - 1),
    appTag: int(0, 0xffff),
    appTagMask: int(0, 0xffff),
  };
  const io = fields(
    {
      ...range,
      ...protection,
      dsm: byte,
      stream: int(0, 0xffff),
      timeoutMs,
      pointers: oneOf('prp'),
      sgl: fields({ descriptorsPerSegment: int(2, 65_536, 2) }),
      metadata: object(placed.buffer),
    },
    { slba: 0 },
  );
  const raw = fields({
    length: int(1, 4096, 4096),
    cid: int(0, 14),
    pointers: oneOf('prp'),
    metadata: object(placed.buffer),
    timeoutMs,
  });
  const sqe: Kind = fields(
    {
      opcode: required(byte),
      flags: byte,
      nsid,
      cdw10: int(0, 2 ** 32 - 1),
      cdw15: int(0, 2 ** 32 - 1),
      mptr: u64,
      prp1: u64,
    },
    { opcode: 0 },
  );
  const optionalBuffer = optional(object(placed.buffer));
  const fieldRows = (name: string): Record<string, Row> => ({
    [`${name}.u`]: data(int(0, 4095, 0), int(0, 0)),
    [`${name}.big`]: data(int(0, 4095, 0), int(0, 0)),
    [`${name}.ascii`]: data(int(0, 4095, 0), int(0, 0)),
    [`${name}.bit`]: data(any(0), int(0, 4095, 0), int(0, 0)),
  });
  const busAddress = data({ good: undefined, bad: [null, undefined, 5, {}] });
  return { buffer, qpair, range, protection, io, raw, sqe, optionalBuffer, fieldRows, busAddress };
}

export type PlacedKinds = ReturnType<typeof placedKinds>;
