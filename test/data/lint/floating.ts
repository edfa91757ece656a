// Every statement marked below must be refused: test/check/lint.test.ts lints this file and counts.
import { type Calls, Host, work } from './work.ts';

export function start(calls: Calls): void {
  work(); // floats
  new Host().stop(); // floats
  calls.cancel({ runId: 1 }); // floats
  void work();
  work().catch(() => undefined);
}
