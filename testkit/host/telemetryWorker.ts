/** The telemetry thread of a driver host: owns fd 4, and ends the process when its main thread hangs or its parent is gone. */
import { Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { FramedSocket } from '../parent/framedSocket.ts';
import { createPeer } from '../parent/wire.ts';
import type { TelemetryEvents } from '../protocol.ts';
import { isOverdue, isWatching } from './hangGuard.ts';
import { TelemetryAnswers } from './telemetryAnswers.ts';
import { type TelemetryWorkerData, type ToTelemetry, telemetryFd } from './telemetryProtocol.ts';

const checkMs = 200;
/** While nothing is watched: an idle host must not wake for nothing. */
const idleCheckMs = 2000;
/** Overdue this often in a row: a process that was stopped as a whole (by a debugger, with its machine) gets a moment to go on. */
const overdueChecks = 2;
/** The native watchdog brings the device to rest within 2 s; after that nobody waits for it. */
const watchdogMs = 2500;
/** A parent that does not read must not keep a hanging host alive. */
const flushMs = 500;

const { evidence, guard, watchdog } = workerData as TelemetryWorkerData;
const socket = new Socket({ fd: telemetryFd, readable: true, writable: true });
const framed = new FramedSocket(socket);
const answers = new TelemetryAnswers(evidence);
let task = { id: '', timeoutMs: 0 };
let pending = '';

createPeer<TelemetryEvents>(
  {
    topology: () => answers.topology(),
    counters: () => answers.counters(),
    cmdlog: (request: { segment: number; max: number }) => answers.cmdlog(request),
  },
  { post: (message) => framed.post(message), on: framed.listen, timeoutMs: -1 },
);

parentPort?.on('message', (message: ToTelemetry) => {
  if (message.type === 'task') {
    task = { id: message.id, timeoutMs: message.timeoutMs };
    checkIn(checkMs);
  } else pending = message.text === '' ? '' : pending + message.text;
});

socket.once('close', () => {
  setTimeout(end, watchdog ? watchdogMs : 0);
});

let overdue = 0;
let timer = setTimeout(check, idleCheckMs);

function checkIn(ms: number): void {
  clearTimeout(timer);
  timer = setTimeout(check, ms);
}

function check(): void {
  overdue = isOverdue(guard) ? overdue + 1 : 0;
  if (overdue < overdueChecks) {
    checkIn(isWatching(guard) ? checkMs : idleCheckMs);
    return;
  }
  const event = { ...task, output: pending };
  framed.post({ t: 'q', m: 'hang', a: [event] }, letGo);
  setTimeout(letGo, flushMs);
}

/**
 * The parent answers the end of this side with the end of its own, which is what the watchdog waits for: it brings the device to
 * rest and ends the process.
 */
function letGo(): void {
  if (watchdog) socket.end();
  setTimeout(end, watchdog ? watchdogMs : 0);
}

function end(): void {
  process.kill(process.pid, 'SIGKILL');
}
