/** What the parsers of the recorders' formats have in common. */
import type { TraceFacts } from '../traceCommand.ts';
import type { CommandStream } from './commandStream.ts';
import type { Tally } from './tally.ts';

export interface ParserOptions {
  /** Bytes of a logical block, for recorders that count in bytes or sectors. */
  readonly lbaBytes: number;
  /** Take only this controller's or device's commands; otherwise those of the first one seen. */
  readonly device?: string;
}

export interface ParserContext {
  readonly stream: CommandStream;
  readonly tally: Tally;
  readonly options: ParserOptions;
}

/** What of the facts the format tells, known by the time the first command is handed on. */
export type ParsedFacts = Pick<TraceFacts, 'source' | 'clock' | 'queues' | 'lbaBytes'> &
  Partial<Pick<TraceFacts, 'controller' | 'notes' | 'capacityBlocks'>>;

export interface TraceParser {
  line(bytes: Uint8Array, from: number, to: number): void;
  /** No more lines will come. */
  end(): void;
  facts(): ParsedFacts;
}
