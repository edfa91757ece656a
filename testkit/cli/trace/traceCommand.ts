import { existsSync } from 'node:fs';
import path from 'node:path';
import { exportIolog } from '../../trace/export/iolog.ts';
import { copyTrace } from '../../trace/export/nvtrace.ts';
import { TraceDamage } from '../../trace/traceDamage.ts';
import { TraceReader } from '../../trace/traceReader.ts';
import { infoLines, totalsOf } from '../../trace/traceText.ts';
import { ExitCode, type ExitCodeValue, UsageError } from '../exitCodes.ts';
import { checkOutput, importCommand, recordCommand, tracefsCommand } from './recordCommand.ts';
import { replayCommand } from './replayCommand.ts';
import { parseTraceCommand, traceUsage } from './traceArguments.ts';

/** `doorbell trace ...`. */
export async function traceCommand(argv: readonly string[]): Promise<ExitCodeValue> {
  const command = parseTraceCommand(argv);
  switch (command.name) {
    case 'record':
      if (command.tracefs !== undefined) return tracefsCommand(command.tracefs, command.options);
      return recordCommand(command.input, command.options);
    case 'import':
      return importCommand(command.input, command.options);
    case 'info':
      return named(() => infoCommand(command.input, command.json, command.check));
    case 'replay':
      return replayCommand(command.request, command.json);
    case 'convert':
      return named(() => convertCommand(command.input, command.output, command.force));
    case 'help':
      process.stdout.write(traceUsage);
      return ExitCode.Passed;
  }
}

/** What is no trace is wrong input, not a crash. */
async function named(work: () => Promise<ExitCodeValue>): Promise<ExitCodeValue> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TraceDamage) throw new UsageError(error.message);
    throw error;
  }
}

async function openTrace(file: string): Promise<TraceReader> {
  if (!existsSync(file)) throw new UsageError(`${file} does not exist.`);
  return TraceReader.open(file);
}

async function infoCommand(file: string, json: boolean, check: boolean): Promise<ExitCodeValue> {
  const reader = await openTrace(file);
  try {
    if (check) for await (const _ of reader.columns());
    const { facts, tail, damage } = reader;
    const data = { facts, totals: totalsOf(reader), tail, damage };
    process.stdout.write(json ? `${JSON.stringify(data, null, 2)}\n` : `${infoLines(reader).join('\n')}\n`);
    return damage ? ExitCode.Failures : ExitCode.Passed;
  } finally {
    await reader.close();
  }
}

async function convertCommand(input: string, output: string, force: boolean): Promise<ExitCodeValue> {
  await (await openTrace(input)).close();
  if (path.resolve(input) === path.resolve(output)) throw new UsageError('A trace cannot be converted onto itself.');
  checkOutput(output, force);
  const isCopy = output.endsWith('.nvtrace');
  const { damage, lines } = isCopy ? await copy(input, output) : await iolog(input, output);
  process.stdout.write(`${[output, ...lines].join('\n')}\n`);
  if (damage === undefined) return ExitCode.Passed;
  process.stderr.write(`doorbell: ${input} is damaged: ${damage}. What is before the damage was converted.\n`);
  return ExitCode.Failures;
}

interface Converted {
  readonly lines: readonly string[];
  readonly damage: string | undefined;
}

async function copy(input: string, output: string): Promise<Converted> {
  const { commands, damage } = await copyTrace(input, output);
  return { damage, lines: [`${commands.toLocaleString('en-US')} commands`] };
}

async function iolog(input: string, output: string): Promise<Converted> {
  const { entries, losses, damage } = await exportIolog(input, output);
  const lost = Object.entries(losses).map(
    ([name, count]) => `  ${count.toLocaleString('en-US').padStart(12)}  ${name}`,
  );
  const title = lost.length > 0 ? ['Not in a fio I/O log'] : [];
  return { damage, lines: [`${entries.toLocaleString('en-US')} entries`, ...title, ...lost] };
}
