import { callback, fields, int, num, oneOf, optional, required, u64 } from './kinds.ts';
import { command, data, type Placed, type PlacedKinds, type Row, row, timeoutMs } from './rows.ts';

const axis = { good: { label: 's' }, bad: [null, 5, {}, { label: '' }, { label: 's', min: 'five' }] };
const chart = fields(
  {
    title: required({ good: 'T', bad: [null, 5, ''] }),
    kind: oneOf('bar'),
    x: required(axis),
    y: required(axis),
    series: required({
      good: [{ name: 'one', points: [[0, 1]] }],
      bad: [null, 5, [], [null], [{ name: '', points: [[0, 1]] }], [{ name: 'one', points: [[0, Number.NaN]] }]],
    }),
  },
  { title: 'T', x: axis.good, y: axis.good, series: [{ name: 'one', points: [[0, 1]] }] },
);

export function nvmRows(
  placed: Placed,
  { buffer, qpair, range, protection, io, raw, sqe, optionalBuffer }: PlacedKinds,
): Record<string, Row> {
  return {
    'IoWorker.counters': data(),
    'IoWorker.cmdlog': data(int(1, 1_000_000)),
    'IoWorker.run': data(),
    'IoWorker.stop': data(),
    'Latency.percentile': data(num(0, 100)),
    'Report.chart': data(required(chart)),
    'Namespace.refresh': row(),
    'Namespace.format': row(fields({ dataBytes: int(1, 2 ** 31, 512), metadataBytes: int(0, 65_535), pi: int(0, 7) })),
    'Namespace.writeProtection': row(command),
    'Namespace.setWriteProtection': row(required(oneOf('none')), command),
    'Namespace.ioworker': row(
      required(
        fields(
          {
            ioSize: int(1, 65_536),
            qdepth: int(1, 1023),
            readPercentage: int(0, 100),
            regionStart: u64,
            ioCount: int(1, 2 ** 53 - 1),
            seed: u64,
            lbaStart: u64,
            lbaStep: { good: -8, bad: [null, 'five', {}, 0.5, 2 ** 53, 2n ** 63n, true] },
            lbaAlign: { good: 8, bad: [null, 'five', 0, -1, 0.5, { 9: 8 }, { 8: 0 }] },
            lbaRandom: { good: 50, bad: [null, 'five', {}, -1, 101, 0.5] },
            distribution: { good: Array(100).fill(100), bad: [null, 5, {}, [], Array(100).fill(0)] },
            opPercentage: { good: { read: 100 }, bad: [null, 5, {}, { read: 99 }, { none: 100 }, { copy: 100 }] },
            fuaPercentage: int(0, 100),
            timeS: { good: 1, bad: [null, 'five', {}, -1, 1e-9, 31 * 86_400] },
            iops: num(0, 1e9),
            qprio: oneOf('high'),
            pattern: { good: 'ones', bad: [null, 'five', {}, { random: 101 }, -1, 0.5] },
            ioSequence: {
              good: [[0, 'read', 0, 1]],
              bad: [null, 5, {}, [], [5], [[0, 'read', 0, 0]], [[-1, 'read', 0, 1]]],
            },
            outputIoPerSecond: { good: true, bad: [null, 5, {}, 'yes'] },
            outputPercentileLatency: { good: [50], bad: [null, 5, {}, [101], ['p50']] },
            outputCmdlog: int(1, 2048),
            seriesIntervalMs: int(10, 60_000),
            cpu: int(0, 65_535),
            commandTimeoutMs: int(0, 2 ** 32 - 1),
            onError: oneOf('continue'),
          },
          { ioCount: 1 },
        ),
      ),
    ),
    'Namespace.reservationRegister': row(
      qpair,
      required(
        fields({ action: oneOf('register'), newKey: u64, currentKey: u64, persistThroughPowerLoss: oneOf('on') }),
      ),
    ),
    'Namespace.reservationAcquire': row(
      qpair,
      required(
        fields(
          { action: oneOf('acquire'), type: required(oneOf('write-exclusive')), preemptKey: u64, currentKey: u64 },
          { type: 1 },
        ),
      ),
    ),
    'Namespace.reservationRelease': row(
      qpair,
      required(fields({ action: oneOf('release'), type: oneOf('write-exclusive'), currentKey: u64 })),
    ),
    'Namespace.reservationReport': row(qpair, fields({ bytes: int(24, 2 ** 20), timeoutMs })),
    'Namespace.dsm': row(qpair, buffer, required(fields({ ranges: required(int(1, 256)) }, { ranges: 1 }))),
    'Namespace.trim': row(
      qpair,
      required({ good: { slba: 0 }, bad: [null, 5, [], [null], { slba: -1 }, { slba: 0, blockCount: 2 ** 32 }, {}] }),
      command,
    ),
    'Namespace.copy': row(
      qpair,
      required({ good: { slba: 0 }, bad: [null, 5, [], [null], { slba: -1 }, { slba: 0, blockCount: 0 }] }),
      required(
        fields(
          {
            slba: required(u64),
            descriptorFormat: int(0, 15),
            prinfoRead: int(0, 15),
            prinfoWrite: int(0, 15),
            refTag: int(0, 2 ** 32 - 1),
            appTag: int(0, 0xffff),
          },
          { slba: 0 },
        ),
      ),
    ),
    'Namespace.send': row(qpair, required(sqe), optionalBuffer, raw),
    'Namespace.read': row(qpair, buffer, required(io), optional(callback)),
    'Namespace.write': row(qpair, buffer, required(io), optional(callback)),
    'Namespace.compare': row(qpair, buffer, required(io), optional(callback)),
    'Namespace.verification': row(fields({ regionStart: u64, regionEnd: u64 })),
    'Namespace.fillProtection': data(
      buffer,
      fields({ blockCount: int(1, 65_536), appTag: int(0, 0xffff), refTag: int(0, 2 ** 32 - 1) }),
    ),
    'Namespace.checkProtection': data(
      buffer,
      fields({
        blockCount: int(1, 65_536),
        checks: int(0, 7),
        appTagMask: int(0, 0xffff),
        refTag: int(0, 2 ** 32 - 1),
      }),
    ),
    'Verification.on': row(fields({ regionStart: u64, regionEnd: u64 })),
    'Verification.off': data(),
    'Namespace.verify': row(
      qpair,
      required(fields({ ...range, ...protection, timeoutMs }, { slba: 0 })),
      optional(callback),
    ),
    'Namespace.writeZeroes': row(qpair, required(fields({ ...range, ...protection }, { slba: 0 })), optional(callback)),
    'Namespace.writeUncorrectable': row(qpair, required(fields(range, { slba: 0 })), optional(callback)),
    'Namespace.flush': row(qpair, command, optional(callback)),
    'Namespace.compareAndWrite': row(
      qpair,
      required({
        good: { compare: placed.buffer, write: placed.buffer },
        bad: [null, 5, {}, { compare: placed.buffer }],
      }),
      required(io),
    ),
    'Qpair.send': row(required(sqe), optionalBuffer, raw, optional(callback)),
    'Qpair.sendFused': row(
      required(fields({ sqe: required(sqe), buffer: optionalBuffer }, { sqe: { opcode: 0 } })),
      required(fields({ sqe: required(sqe) }, { sqe: { opcode: 0 } })),
    ),
    'Qpair.ringDoorbell': row(),
    'Qpair.waitdone': data(int(0, 2 ** 31, 0), fields({ timeoutMs: int(1, 2 ** 31 - 1) })),
    'Qpair.cmdlog': data(int(1, 1_000_000)),
    'Qpair.delete': data(),
  };
}
