/** The discovery worker (dist/discovery.cjs): parses off the main thread, so that typing and the tree stay fluent. */
import { readFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { Scanner } from './scanner.ts';
import type { DiscoveryAnswer, DiscoveryRequest } from './workerProtocol.ts';

// Synchronous reads are right here: nothing else runs on this thread, and 1,000 small files take milliseconds.
const scanner = new Scanner((path) => readFileSync(path, 'utf8'));

parentPort?.on('message', (request: DiscoveryRequest) => {
  parentPort?.postMessage(answer(request));
});

function answer(request: DiscoveryRequest): DiscoveryAnswer {
  try {
    if (request.kind === 'scan') return { id: request.id, files: scanner.scan(request.root, request.paths) };
    return { id: request.id, files: [scanner.parse(request.root, request.path, request.text)] };
  } catch (error) {
    return { id: request.id, error: error instanceof Error ? error.message : String(error) };
  }
}
