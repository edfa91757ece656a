// `node native/bench/sharing.mjs PROBE [COMMANDS]`: which cache lines do both device threads of the emulated SSD write?
// Runs the probe under valgrind's lackey, which logs every store; the scheduler's messages between them say whose it is.
// Lines written for every few commands are told from those written now and then (starting, sleeping, waking).
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const [probe, commands = '500'] = process.argv.slice(2);
if (probe === undefined) {
  console.error('usage: node native/bench/sharing.mjs out/native/bench/bench/sharing_probe [commands]');
  process.exit(2);
}
const lineBytes = 64;
/** A line written less often than once in so many commands is not on the command path. */
const rare = 4;

const valgrind = spawn(
  'valgrind',
  ['--tool=lackey', '--trace-mem=yes', '--trace-sched=yes', '--fair-sched=yes', probe, commands],
  { stdio: ['ignore', 'inherit', 'pipe'] },
);
valgrind.once('error', (error) => {
  console.error(`valgrind: ${error.message}; apt-get install valgrind`);
  process.exit(1);
});

const stores = new Map(); // thread -> line -> count
let thread = 1;
for await (const text of createInterface({ input: valgrind.stderr })) {
  const scheduled = /SCHED\[(\d+)\]:.*acquired lock/.exec(text);
  if (scheduled !== null) {
    thread = Number(scheduled[1]);
    continue;
  }
  const store = /^ [SM] ([0-9a-f]+),(\d+)/.exec(text);
  if (store === null) continue;
  const address = Number.parseInt(store[1], 16);
  const last = Math.floor((address + Number(store[2]) - 1) / lineBytes);
  const lines = stores.get(thread) ?? stores.set(thread, new Map()).get(thread);
  for (let line = Math.floor(address / lineBytes); line <= last; line += 1) lines.set(line, (lines.get(line) ?? 0) + 1);
}

const often = Number(commands) / rare;
const threads = [...stores.keys()].sort((a, b) => a - b);
for (const one of threads) {
  const counts = [...stores.get(one).values()];
  console.log(
    `thread ${one}: wrote ${counts.length} lines, ${counts.filter((n) => n >= often).length} of them for every command`,
  );
}
const [, first, second] = threads; // thread 1 is the host
const both = [...(stores.get(first) ?? [])].filter(([line]) => stores.get(second)?.has(line));
const busy = both.filter(([line, count]) => count >= often && stores.get(second).get(line) >= often);
for (const [line, count] of both) {
  console.log(`line ${(line * lineBytes).toString(16)}: ${count} and ${stores.get(second).get(line)} stores`);
}
console.log(`lines both device threads wrote: ${both.length}; for every command: ${busy.length}`);
process.exitCode = busy.length === 0 && threads.length >= 3 ? 0 : 1;
