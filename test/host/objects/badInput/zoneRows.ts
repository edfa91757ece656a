import { bytes, fields, int, oneOf, required, u64 } from './kinds.ts';
import { command, type Placed, type PlacedKinds, type Row, row, timeoutMs } from './rows.ts';

export function zoneRows(
  _placed: Placed,
  { buffer, qpair, protection, optionalBuffer }: PlacedKinds,
): Record<string, Row> {
  const blocks = { blockCount: int(1, 65_536, 1), ...protection, timeoutMs };
  return {
    'Namespace.zones': row(qpair, fields({ slba: u64, state: oneOf('empty'), most: int(1, 2 ** 53 - 1), timeoutMs })),
    'Namespace.zone': row(qpair, required(u64), command),
    'Namespace.zonedData': row(command),
    'Namespace.zoneAppend': row(qpair, buffer, required(fields({ zslba: required(u64), ...blocks }, { zslba: 0 }))),
    'Namespace.zoneSend': row(qpair, required(oneOf('open')), fields({ slba: u64, timeoutMs }), optionalBuffer),
    'Namespace.zoneReceive': row(
      qpair,
      buffer,
      fields({ slba: u64, action: oneOf('report'), filter: oneOf('all'), timeoutMs }),
    ),
    'Zone.refresh': row(qpair, command),
    'Zone.append': row(qpair, buffer, fields(blocks)),
    'Zone.open': row(qpair, command),
    'Zone.close': row(qpair, command),
    'Zone.finish': row(qpair, command),
    'Zone.reset': row(qpair, command),
    'Zone.offline': row(qpair, command),
    'Zone.setExtension': row(qpair, required(bytes(new Uint8Array(64))), command),
  };
}
