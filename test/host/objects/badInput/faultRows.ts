import { fields, int, num, oneOf, required, u64 } from './kinds.ts';
import { byte, data, nsid, type Row, row } from './rows.ts';

const triggers = {
  queue: int(0, 64),
  command: oneOf('read'),
  nsid,
  lba: u64,
  nth: int(1, Number.MAX_SAFE_INTEGER),
  times: int(1, Number.MAX_SAFE_INTEGER),
};
const when = fields(triggers);
const whenBlocks = fields({ ...triggers, lba: required(u64) }, { lba: 0 });
const sixteen = required(int(0, 0xffff));
const delayMs = required(int(1, 600_000));
/** Milliseconds have fractions. */
const anyDelay = { ...delayMs, bad: delayMs.bad.filter((value) => value !== 1.5 && value !== 0) };

export function faultRows(): Record<string, Row> {
  return {
    'Faults.fail': row(required(oneOf('Internal Error')), when),
    'Faults.mediaError': row(required(whenBlocks)),
    'Faults.corruptData': row(
      required(fields({ ...triggers, offset: int(0, 2 ** 32 - 1), mask: int(1, 0xff) }, { command: 'read' })),
    ),
    'Faults.delay': row(anyDelay, when),
    'Faults.slowBlock': row(anyDelay, required(whenBlocks)),
    'Faults.dropCompletion': row(when),
    'Faults.duplicateCompletion': row(when),
    'Faults.wrongCid': row(sixteen, when),
    'Faults.wrongSqid': row(sixteen, when),
    'Faults.sqHeadOutOfRange': row(when),
    'Faults.stalePhase': row(when),
    'Faults.unexpectedQueue': row(required(int(0, 64)), when),
    'Faults.controllerFatalAt': row(required(when)),
    'Faults.controllerFatal': row(),
    'Faults.internalError': row(required(oneOf('persistent'))),
    'Faults.failSanitize': row(),
    'Faults.removeDeviceAt': row(required(when)),
    'Faults.removeDevice': row(),
    'Faults.powerLoss': row(required(fields({ at: required(oneOf('before')) }, { at: 'before' })), required(when)),
    'Faults.health': row(
      required(fields({ temperatureC: num(-273, 1000), availableSpare: int(0, 100), percentageUsed: byte })),
    ),
    'Faults.clear': row(),
    'Fault.remove': data(),
  };
}
