/** A trace from a trace: repairs the index of a cut one; a whole one comes out bit by bit the same. */
import { TraceReader } from '../traceReader.ts';
import { TraceWriter } from '../traceWriter.ts';

const drainEvery = 32_768;

export interface CopyResult {
  readonly commands: number;
  /** Where the source stopped being readable. */
  readonly damage?: string;
}

export async function copyTrace(from: string, to: string): Promise<CopyResult> {
  const reader = await TraceReader.open(from);
  try {
    const writer = await TraceWriter.create(to, reader.facts);
    try {
      for await (const row of reader.rows()) {
        writer.add(row);
        if (writer.commands % drainEvery === 0) await writer.drain();
      }
      await writer.finish({ left: reader.tail?.left ?? {}, counts: reader.tail?.counts ?? {} });
    } catch (error) {
      await writer.abandon();
      throw error;
    }
    return { commands: writer.commands, ...(reader.damage && { damage: reader.damage.reason }) };
  } finally {
    await reader.close();
  }
}
