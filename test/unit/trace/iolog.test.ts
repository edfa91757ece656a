import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { exportIolog } from '../../../testkit/trace/export/iolog.ts';
import type { TraceRow } from '../../../testkit/trace/traceCommand.ts';
import { emptyTrim, importText, recording, temporaryFolders, writeTrace } from './support.ts';

const essence = ({ timeNs, opcode, nsid, cdw10, cdw11, length, ranges }: TraceRow) => {
  const place = ranges[0] ? [ranges[0].high, ranges[0].low, ranges[0].length] : [cdw11, cdw10, length];
  return [Math.floor(timeNs / 1000), opcode, nsid, ...place].join(' ');
};

describe('the export to fio', () => {
  const file = temporaryFolders();

  for (const name of ['qemu-nvme-trace.log', 'ftrace-nvme.log', 'blkparse.txt', 'fio-iolog-v3-nvme-trim.log']) {
    it(`comes back identical in time, operation, offset and length: ${name}`, async () => {
      const [trace, log] = [file('a.nvtrace'), file('a.log')];
      const before = await importText(recording(name), trace);
      const { entries } = await exportIolog(trace, log);
      const after = await importText(readFileSync(log), file('b.nvtrace'));
      assert.deepEqual(after.left, {});
      assert.deepEqual(after.rows.map(essence), before.rows.filter(({ opcode }) => opcode !== 8).map(essence));
      assert.equal(entries, after.commands);
    });
  }

  it('names and counts what such a log cannot hold', async () => {
    const trace = file('a.nvtrace');
    await importText(recording('ftrace-nvme.log'), trace);
    const { losses } = await exportIolog(trace, file('a.log'));
    assert.deepEqual(losses, { queue: 179, latency: 179, FUA: 2, 'left out: Write Zeroes': 5 });
    await importText(recording('blkparse.txt'), trace);
    assert.equal((await exportIolog(trace, file('a.log'))).losses.FUA, 2);
  });

  it('makes an entry of every range of a command', async () => {
    const [trace, log] = [file('a.nvtrace'), file('a.log')];
    await writeTrace(trace, [emptyTrim(5_500, [8, 2 ** 31, 3])]);
    const { losses } = await exportIolog(trace, log);
    assert.equal(losses['commands of several ranges made several entries'], 1);
    assert.equal(losses['time below a microsecond'], 3);
    assert.equal(
      readFileSync(log, 'utf8'),
      'fio version 3 iolog\n5 /dev/nvme0n1 add\n5 /dev/nvme0n1 open\n' +
        '5 /dev/nvme0n1 trim 0 4096\n5 /dev/nvme0n1 trim 512 1099511627776\n5 /dev/nvme0n1 trim 1024 1536\n5 /dev/nvme0n1 close\n',
    );
  });
});
