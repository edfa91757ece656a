/** The JSON at a trace's head and tail, checked: it comes from a file. */
import type { TraceFacts, TraceTail } from './traceCommand.ts';
import { TraceDamage } from './traceDamage.ts';

type Json = Record<string, unknown>;

function parse(payload: Buffer, what: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(payload.toString('utf8'));
  } catch {
    throw new TraceDamage(`the ${what} are not JSON`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TraceDamage(`the ${what} are not a JSON object`);
  }
  return value as Json;
}

const text = (value: unknown): value is string => typeof value === 'string';
const lbaSizes: readonly unknown[] = [512, 1024, 2048, 4096, 8192, 16384, 32768, 65536];

/** @throws TraceDamage */
export function parseFacts(payload: Buffer): TraceFacts {
  const { format, ...facts } = parse(payload, 'facts');
  if (format !== 1) throw new TraceDamage(`format ${format} is newer than this Doorbell, which reads format 1`);
  const { source, lbaBytes, clock, queues, writer, controller, capacityBlocks, startTime, notes } = facts;
  const good =
    text(source) &&
    text(writer) &&
    lbaSizes.includes(lbaBytes) &&
    ['wall', 'monotonic', 'none'].includes(clock as string) &&
    ['sqid', 'cpu', 'none'].includes(queues as string) &&
    [controller, startTime].every((value) => value === undefined || text(value)) &&
    (capacityBlocks === undefined || (text(capacityBlocks) && /^\d{1,20}$/.test(capacityBlocks))) &&
    (notes === undefined || (typeof notes === 'object' && notes !== null && Object.values(notes).every(text)));
  if (!good) throw new TraceDamage('the facts miss something or have values they cannot have');
  return facts as unknown as TraceFacts;
}

const isCounts = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.values(value).every((count) => Number.isSafeInteger(count));

/** @throws TraceDamage */
export function parseTail(payload: Buffer): TraceTail {
  const tail = parse(payload, 'closing counts');
  if (!Number.isSafeInteger(tail.commands) || !isCounts(tail.left) || !isCounts(tail.counts)) {
    throw new TraceDamage('the closing counts are not numbers');
  }
  return tail as unknown as TraceTail;
}
