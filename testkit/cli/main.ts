/** The `doorbell` command. */
import { readFileSync } from 'node:fs';
import { parseCommand, usage } from './arguments.ts';
import { bindCommand } from './bindCommand.ts';
import { doctorCommand } from './doctorCommand.ts';
import { ExitCode, type ExitCodeValue, UsageError } from './exitCodes.ts';
import { listCommand } from './listCommand.ts';
import { perfCommand } from './perf/perfCommand.ts';
import { places } from './places.ts';
import { runCommand } from './runCommand.ts';
import { serveCommand } from './serveCommand.ts';
import { traceCommand } from './trace/traceCommand.ts';

async function main(argv: readonly string[]): Promise<ExitCodeValue> {
  const command = parseCommand(argv);
  switch (command.name) {
    case 'run':
      return runCommand(command.options);
    case 'list':
      return listCommand(command.patterns, command.json);
    case 'doctor':
      return doctorCommand(command.json);
    case 'bind':
    case 'unbind':
      return bindCommand(command.name, command.addresses);
    case 'perf':
      return perfCommand(command.argv);
    case 'trace':
      return traceCommand(command.argv);
    case 'serve':
      return serveCommand(command.socket, command.address);
    case 'version': {
      const { version } = JSON.parse(readFileSync(places.package, 'utf8')) as { version: string };
      process.stdout.write(`${version}\n`);
      return ExitCode.Passed;
    }
    case 'help':
      process.stdout.write(usage);
      return ExitCode.Passed;
  }
}

function explain(error: unknown): ExitCodeValue {
  if (error instanceof UsageError) {
    process.stderr.write(`doorbell: ${error.message}\nTry: doorbell --help\n`);
    return ExitCode.Usage;
  }
  process.stderr.write(`doorbell: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
  return ExitCode.Environment;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.exitCode = explain(error);
  },
);
