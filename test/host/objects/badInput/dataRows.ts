import { fields, int, required, u64 } from './kinds.ts';
import { byte, data, type Placed, type PlacedKinds, type Row, row } from './rows.ts';

export function dataRows(_placed: Placed, { buffer, fieldRows, busAddress }: PlacedKinds): Record<string, Row> {
  return {
    'CommandEffectsLog.admin': data(byte),
    'CommandEffectsLog.io': data(byte),
    'DmaBuffer.view': row(required(int(0, 4095)), int(1, 4096)),
    'DmaBuffer.slice': row(int(0, 4096), int(0, 4096, 4096)),
    'DmaBuffer.write': row(
      required({ good: 'text', bad: [null, 5, {}, 'x'.repeat(4097), new Uint8Array(4097)] }),
      int(0, 4096),
    ),
    'DmaBuffer.fill': row(
      required({
        good: 'ones',
        bad: [null, 'twos', {}, -1, 0.5, 2 ** 32, { random: 101 }, { random: null }, { random: 0, seed: -1n }],
      }),
      fields({ start: int(0, 4096), end: int(0, 4096, 4096) }),
    ),
    'DmaBuffer.toString': row({ good: 'hex', bad: ['none', 5] }, int(0, 4096), int(0, 4096, 4096)),
    'DmaBuffer.dump': row(fields({ start: int(0, 4096), end: int(0, 4096) })),
    'DmaBuffer.compare': row(buffer),
    'DmaBuffer.equals': row(buffer),
    'DmaBuffer.crc32c': row(fields({ start: int(0, 4096), end: int(0, 4096) })),
    'DmaBuffer.byte': row(required(int(0, 4095))),
    'DmaBuffer.word': row(required(int(0, 4094))),
    'DmaBuffer.dword': row(required(int(0, 4092))),
    'DmaBuffer.qword': row(required(int(0, 4088))),
    'DmaBuffer.setByte': row(required(int(0, 4095)), required(byte)),
    'DmaBuffer.setWord': row(required(int(0, 4094)), required(int(0, 0xffff))),
    'DmaBuffer.setDword': row(required(int(0, 4092)), required(int(0, 2 ** 32 - 1))),
    'DmaBuffer.setQword': row(required(int(0, 4088)), required(u64)),
    'DmaBuffer.u': row(required(int(0, 4095)), int(0, 0)),
    'DmaBuffer.big': row(required(int(0, 4095)), int(0, 0)),
    'DmaBuffer.ascii': row(required(int(0, 4095)), required(int(0, 0))),
    'DmaBuffer.setDsmRange': row(
      required(int(0, 255)),
      required(u64),
      required(int(0, 2 ** 32 - 1)),
      int(0, 2 ** 32 - 1),
    ),
    'DmaBuffer.busAddress': busAddress,
    'DmaBuffer.close': data(),
    'FeatureEffectsLog.supports': data(byte),
    'FeatureEffectsLog.effects': data(byte),
    ...fieldRows('Fields'),
    'PersistentEventLog.logs': data(byte),
    'SupportedLogPages.supports': data(byte),
    'TelemetryHeader.bytesOf': data(required(int(1, 4))),
  };
}
