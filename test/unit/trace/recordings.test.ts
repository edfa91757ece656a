/** Every command in every recording is accounted for: the counts here are taken from the text by other means. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { TraceFlag } from '../../../testkit/trace/traceCommand.ts';
import { type Imported, importText, recording, recordings, temporaryFolders } from './support.ts';

const count = (text: string, expression: RegExp): number => text.match(expression)?.length ?? 0;

/** Commands in the text, by the lines that announce each. */
const commandsIn: Readonly<Record<string, (text: string) => number>> = {
  qemu: (text) => {
    const io = count(text, /pci_nvme_io_cmd /g);
    const admin = count(text, /pci_nvme_admin_cmd /g);
    // Commands whose announcement the recording leaves out (Identify, for one) show at their completion.
    const unannounced = [...text.matchAll(/(admin_cmd|completion) cid (\d+) (?:cqid 0|sqid 0)/g)].reduce(
      (state, [, what, cid]) => {
        if (what === 'admin_cmd') state.open.add(cid);
        else if (!state.open.delete(cid)) state.alone += 1;
        return state;
      },
      { open: new Set<string | undefined>(), alone: 0 },
    ).alone;
    return io + admin + unannounced;
  },
  ftrace: (text) => count(text, /nvme_setup_cmd: /g) || count(text, /block_rq_issue: /g),
  blkparse: (text) => count(text, /^ *\d+,\d+ +\d+ +\d+ +[\d.]+ +\d+ +D /gm),
  fio: (text) => count(text, /^(\d+ )?\S+ (read|write|trim|sync|datasync)\b/gm),
};

const operations = ({ rows }: Imported): Record<string, number> => {
  const names: Record<number, string> = { 0: 'flush', 1: 'write', 2: 'read', 8: 'zeroes', 9: 'trim' };
  const counts: Record<string, number> = {};
  for (const { opcode } of rows) counts[names[opcode] ?? opcode] = (counts[names[opcode] ?? opcode] ?? 0) + 1;
  return counts;
};

describe('recordings of real guests', () => {
  const file = temporaryFolders();
  const load = (name: string): Promise<Imported> => importText(recording(name), file('a.nvtrace'));

  for (const name of readdirSync(recordings)) {
    it(`accounts for every command of ${name}`, async () => {
      const imported = await load(name);
      const left = Object.values(imported.left).reduce((sum, each) => sum + each, 0);
      assert.equal(imported.commands, imported.rows.length);
      assert.equal(imported.commands + left, commandsIn[imported.facts.source]?.(recording(name).toString('latin1')));
      assert.equal(imported.left['command line not understood'], undefined);
      assert.equal(imported.left['submission not recorded'], undefined);
    });
  }

  it('tells Write Zeroes from writes, and keeps ranges of Dataset Management', async () => {
    const imported = await load('qemu-nvme-trace.log');
    assert.deepEqual(operations(imported), { read: 137, write: 31, zeroes: 7, flush: 13, trim: 7 });
    assert.deepEqual(imported.left, {});
    const trims = imported.rows.filter(({ opcode }) => opcode === 9);
    assert.deepEqual(trims[2]?.ranges, [{ attributes: 0, length: 15_810, low: 576, high: 0 }]);
    assert.ok(trims.every(({ latencyNs, flags }) => latencyNs > 0 && flags & TraceFlag.Timed));
  });

  it('reads the facts of a first command to the digit', async () => {
    const { rows, facts } = await load('qemu-nvme-trace.log');
    assert.equal(facts.startTime, '2026-11-22T06:44:42.534Z');
    const { queue, cid, nsid, opcode, cdw10, length, timeNs, latencyNs } = rows[0]!;
    assert.deepEqual(
      { queue, cid, nsid, opcode, cdw10, length, timeNs, latencyNs },
      { queue: 1, cid: 960, nsid: 1, opcode: 2, cdw10: 0xfff80, length: 8, timeNs: 0, latencyNs: 112_000 },
    );
  });

  it('keeps status with DNR of commands that fail', async () => {
    const { rows, left } = await load('qemu-nvme-trace-errors.log');
    assert.deepEqual(left, { 'admin command': 38, 'Copy: source ranges not recorded': 1 });
    assert.deepEqual(
      rows.filter(({ status }) => status !== 0).map(({ cdw10, status }) => [cdw10, status]),
      [[0x5f5e0ff, 0x4080]],
    );
  });

  it('says that ranges of Dataset Management are not in NVMe tracepoints', async () => {
    const imported = await load('ftrace-nvme.log');
    assert.deepEqual(operations(imported), { read: 135, write: 31, zeroes: 5, flush: 13 });
    assert.deepEqual(imported.left, { 'DSM ranges not recorded': 7 });
  });

  it('keeps FUA where it is recorded', async () => {
    const { rows } = await load('ftrace-nvme-errors.log');
    const write = rows.find(({ opcode }) => opcode === 1)!;
    assert.equal(write.control, 0x4000);
    assert.ok(write.flags & TraceFlag.Control);
    const fua = (await load('blkparse.txt')).rows.filter(({ control }) => control === 0x4000);
    assert.deepEqual(
      fua.map(({ opcode }) => opcode),
      [1, 1],
    );
  });

  it('makes no latency of lines without times', async () => {
    const { rows, facts } = await load('qemu-nvme-trace-7.2-no-timestamp.log');
    assert.equal(facts.clock, 'none');
    assert.ok(rows.every(({ flags }) => !(flags & TraceFlag.Timed)));
    assert.ok(rows.every(({ timeNs }, index) => index === 0 || timeNs > rows[index - 1]!.timeNs));
  });

  it('keeps the times and places of a fio log', async () => {
    const { rows } = await load('fio-iolog-v3.log');
    const { timeNs, opcode, cdw10, length } = rows[2]!;
    assert.deepEqual([timeNs, opcode, cdw10, length], [183_000, 2, 880_640 / 512, 32]);
  });
});
