/** Damaged recordings: whatever the text, an import ends, counts every line, and its file is whole. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { recorders } from '../../../testkit/trace/import/detect.ts';
import { importText, random, recording, recordings, temporaryFolders } from './support.ts';

function damaged(text: Buffer, next: () => number): Buffer {
  const below = (limit: number): number => Math.floor(next() * limit);
  const start = below(text.length);
  let bytes = Buffer.from(text.subarray(start, start + 4000));
  for (let edits = below(40); edits > 0; edits -= 1) {
    const at = below(bytes.length);
    const kind = below(5);
    if (kind === 0) bytes[at] = below(256);
    else if (kind === 1) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + below(30))]);
    else if (kind === 2)
      bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from('99999999999999999999999'), bytes.subarray(at)]);
    else if (kind === 3) bytes = Buffer.concat([bytes.subarray(at), bytes.subarray(0, at)]);
    else bytes = Buffer.concat([bytes, bytes.subarray(at, at + 300)]);
  }
  return bytes;
}

describe('damaged recordings', () => {
  const file = temporaryFolders();

  for (const name of readdirSync(recordings)) {
    it(`survives 25 damaged pieces of ${name}`, async () => {
      const path = file('a.nvtrace');
      const own = recorders.find((recorder) => name.startsWith(recorder))!;
      for (let seed = 1; seed <= 25; seed += 1) {
        const next = random(seed);
        const text = damaged(recording(name), next);
        // Now and then by the wrong parser.
        const recorder = next() < 0.2 ? recorders[Math.floor(next() * recorders.length)]! : own;
        const head = recorder === 'fio' ? 'fio version 3 iolog\n' : '';
        const { rows, commands, counts } = await importText(Buffer.concat([Buffer.from(head), text]), path, {
          recorder,
        });
        assert.equal(rows.length, commands, `seed ${seed}`);
        const lines = text.toString('latin1').split('\n').length - (text.at(-1) === 0x0a ? 1 : 0);
        assert.equal(counts.lines, lines + (head ? 1 : 0), `seed ${seed}`);
        assert.ok(rows.every(({ timeNs }, index) => timeNs >= (rows[index - 1]?.timeNs ?? 0)));
      }
    });
  }
});
