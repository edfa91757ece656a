import assert from 'node:assert/strict';
import { TraceFlag } from '../../../testkit/trace/traceCommand.ts';
import { importText, temporaryFolders } from './support.ts';

const qemuRead = (micros: number, cid: number, lba: number, sqid = 1): string =>
  `7@1000.${String(micros).padStart(6, '0')}:pci_nvme_io_cmd cid ${cid} nsid 0x1 sqid ${sqid} opc 0x2 opname 'NVME_NVM_CMD_READ'\n` +
  `7@1000.${String(micros).padStart(6, '0')}:pci_nvme_read cid ${cid} nsid 1 nlb 8 count 4096 lba 0x${lba.toString(16)}\n`;
const qemuEnd = (micros: number, cid: number, cqid = 1, seconds = 1000): string =>
  `7@${seconds}.${String(micros).padStart(6, '0')}:pci_nvme_enqueue_req_completion cid ${cid} cqid ${cqid} dw0 0x0 dw1 0x0 status 0x0\n`;

const setup = (time: string, rest: string, cpu = '001'): string =>
  `  kworker/1:1H-[158]-9   [${cpu}] d..1. ${time}: nvme_setup_cmd: nvme0: disk=nvme0n1, ${rest}\n`;

describe('the parser of QEMU traces', () => {
  const file = temporaryFolders();
  const load = (text: string) => importText(text, file('a.nvtrace'));

  it('understands the ISO times of QEMU 11, also over midnight', async () => {
    const { rows, facts } = await load(
      "2026-11-22T23:59:59.900000Z pci_nvme_io_cmd cid 5 nsid 0x1 sqid 1 opc 0x2 opname 'NVME_NVM_CMD_READ'\n" +
        '2026-11-22T23:59:59.900001Z pci_nvme_read cid 5 nsid 1 nlb 8 count 4096 lba 0x10\n' +
        '2026-11-23T00:00:00.100000Z pci_nvme_enqueue_req_completion cid 5 cqid 1 dw0 0x0 dw1 0x0 status 0x0\n',
    );
    assert.equal(facts.startTime, '2026-11-22T23:59:59.900Z');
    assert.equal(rows[0]?.latencyNs, 200e6);
  });

  it('understands the lines of QEMU 5, which have no opname and no dw0', async () => {
    const { rows } = await load(
      '7@1.000000:pci_nvme_io_cmd cid 5 nsid 1 sqid 2 opc 0x1\n' +
        '7@1.000001:pci_nvme_rw cid 5 write nsid 1 nlb 8 count 32768 lba 0x10\n' +
        '7@1.000010:pci_nvme_enqueue_req_completion cid 5 cqid 2 status 0x0\n',
    );
    assert.deepEqual([rows[0]?.opcode, rows[0]?.cdw10, rows[0]?.length, rows[0]?.latencyNs], [1, 0x10, 8, 10_000]);
  });

  it('learns the size of a logical block', async () => {
    const text = qemuRead(0, 1, 0).replace('count 4096', 'count 32768') + qemuEnd(5, 1);
    assert.equal((await load(text)).facts.lbaBytes, 4096);
  });

  it('keeps an identifier used again apart, and says that a completion is missing', async () => {
    const { rows, counts } = await load(qemuRead(0, 9, 0) + qemuRead(50, 9, 800) + qemuEnd(60, 9));
    assert.deepEqual(
      rows.map(({ cdw10, flags, latencyNs }) => [cdw10, flags, latencyNs]),
      [
        [0, 0, 0],
        [800, TraceFlag.Completed | TraceFlag.Timed, 10_000],
      ],
    );
    assert.equal(counts['completion not recorded'], 1);
  });

  it('finds the submission queue of a completion where several share a completion queue', async () => {
    const create = (sqid: number): string =>
      `7@1000.000000:pci_nvme_create_sq create submission queue, addr=0x1000, sqid=${sqid}, cqid=3, qsize=63, qflags=1\n`;
    const { rows, left } = await load(
      `${create(4)}${create(5)}${qemuRead(1, 7, 16, 5)}${qemuEnd(3, 7, 3)}${qemuRead(5, 8, 24, 4)}${qemuEnd(9, 8, 3)}`,
    );
    assert.deepEqual(left, {});
    assert.deepEqual(
      rows.map(({ queue, cdw10, latencyNs }) => [queue, cdw10, latencyNs]),
      [
        [5, 16, 2000],
        [4, 24, 4000],
      ],
    );
  });

  it('gives up what was in flight when the controller is reset', async () => {
    const { rows, counts } = await load(
      `${qemuRead(0, 9, 0)}7@1000.000004:pci_nvme_mmio_stopped cleared controller enable bit\n${qemuRead(50, 9, 8)}${qemuEnd(60, 9)}`,
    );
    assert.deepEqual(
      rows.map(({ latencyNs }) => latencyNs),
      [0, 10_000],
    );
    assert.equal(counts['completion not recorded'], 1);
  });

  it('gives later ranges to the command that waits for them', async () => {
    const dsm = (cid: number, nr: number, slba: number): string =>
      `7@1000.000001:pci_nvme_io_cmd cid ${cid} nsid 0x1 sqid 1 opc 0x9 opname 'NVME_NVM_CMD_DSM'\n` +
      `7@1000.000001:pci_nvme_dsm nr ${nr} attr 0x4\n7@1000.000001:pci_nvme_dsm_deallocate slba ${slba} nlb 1\n`;
    const { rows } = await load(
      `${dsm(1, 2, 100)}${dsm(2, 1, 300)}7@1000.000002:pci_nvme_dsm_deallocate slba 18446744073709551615 nlb 4\n${qemuEnd(3, 1)}${qemuEnd(4, 2)}`,
    );
    assert.deepEqual(
      rows.map(({ ranges }) => ranges.map(({ low, high, length }) => [low, high, length])),
      [
        [
          [100, 0, 1],
          [0xffff_ffff, 0xffff_ffff, 4],
        ],
        [[300, 0, 1]],
      ],
    );
  });

  it('goes on steadily when the clock is set back, or a month forward', async () => {
    const { rows, counts } = await load(
      qemuRead(500_000, 1, 0) + qemuEnd(500_100, 1) + qemuRead(100, 2, 8) + qemuEnd(300, 2) + qemuEnd(400, 3, 1, 9e6),
    );
    assert.deepEqual(
      rows.map(({ timeNs, latencyNs }) => [timeNs, latencyNs]),
      [
        [0, 100_000],
        [100_000, 200_000],
      ],
    );
    assert.equal(counts['clock jumps'], 2);
  });

  it('puts lines that threads wrote out of order into order', async () => {
    const { rows, counts } = await load(
      qemuRead(0, 9, 0) + qemuRead(50, 1, 0) + qemuRead(40, 2, 8) + qemuEnd(90, 1) + qemuEnd(91, 2) + qemuEnd(92, 9),
    );
    assert.deepEqual(
      rows.map(({ cid, timeNs, latencyNs }) => [cid, timeNs, latencyNs]),
      [
        [9, 0, 92_000],
        [2, 40_000, 51_000],
        [1, 50_000, 40_000],
      ],
    );
    assert.equal(counts['times put in order'], 1);
  });
});

describe('the parser of Linux tracepoints', () => {
  const file = temporaryFolders();
  const load = (text: string, device?: string) => importText(text, file('a.nvtrace'), device ? { device } : {});

  it('takes the ranges of Dataset Management from block events of the same CPU', async () => {
    const { rows, left } = await load(
      setup('4.000001', 'qid=2, cmdid=5, nsid=1, flags=0x0, meta=0x0, cmd=(nvme_cmd_dsm nr=0, attributes=4)') +
        '  a-1  [000] ..... 4.000002: block_rq_issue: 259,0 DS 4096 () 80 + 8 [a]\n' +
        '  a-1  [001] ..... 4.000003: block_rq_issue: 259,0 DS 4096 () 40 + 16 none,0,0 [a]\n' +
        '  a-1  [001] ..... 4.000009: nvme_complete_rq: nvme0: disk=nvme0n1, qid=2, cmdid=5, res=0x0, retries=0, flags=0x0, status=0x0\n',
    );
    assert.deepEqual(left, {});
    assert.deepEqual(rows[0]?.ranges, [{ attributes: 0, length: 16, low: 40, high: 0 }]);
    assert.equal(rows[0]?.cdw11, 4);
  });

  it('reads commands the kernel prints as bytes', async () => {
    const raw = '40 00 00 00 01 00 00 00 07 00 00 40 00 00 00 00 00 00 00 00 00 00 00 00';
    const { rows } = await load(
      setup('4.1', `qid=2, cmdid=5, nsid=1, flags=0x0, meta=0x0, cmd=(nvme_cmd_compare cdw10=${raw})`),
    );
    const { opcode, cdw10, cdw11, length, control } = rows[0]!;
    assert.deepEqual([opcode, cdw10, cdw11, length, control], [5, 0x40, 1, 8, 0x4000]);
  });

  it('takes one controller, and counts the commands of others', async () => {
    const read =
      'qid=2, cmdid=5, nsid=1, flags=0x0, meta=0x0, cmd=(nvme_cmd_read slba=8, len=7, ctrl=0x0, dsmgmt=0, reftag=0)';
    const text = setup('4.1', read) + setup('4.2', read).replace('nvme0:', 'nvme12:');
    assert.deepEqual((await load(text)).left, { 'command of another controller': 1 });
    const other = await load(text, 'nvme12');
    assert.deepEqual([other.commands, other.rows[0]?.timeNs], [1, 100e6]);
  });

  it('counts what the kernel says it lost', async () => {
    const read =
      'qid=1, cmdid=5, nsid=1, flags=0x0, meta=0x0, cmd=(nvme_cmd_read slba=8, len=7, ctrl=0x0, dsmgmt=0, reftag=0)';
    const { counts } = await load(`${setup('4.1', read)}CPU:1 [LOST 1234 EVENTS]\n`);
    assert.equal(counts['events lost by the recorder'], 1234);
  });

  it('keeps a 64-bit LBA whole', async () => {
    const { rows } = await load(
      setup(
        '4.1',
        'qid=1, cmdid=5, nsid=1, flags=0x0, meta=0x0, cmd=(nvme_cmd_read slba=18446744073709551614, len=0, ctrl=0x0, dsmgmt=0, reftag=0)',
      ),
    );
    assert.deepEqual([rows[0]?.cdw10, rows[0]?.cdw11, rows[0]?.length], [0xffff_fffe, 0xffff_ffff, 1]);
  });
});

describe('the parsers of block requests and of fio logs', () => {
  const file = temporaryFolders();

  it('matches completions to the oldest request of the place, and takes back those put back', async () => {
    const line = (micros: number, rest: string): string =>
      `259,0 1 1 0.${String(micros).padStart(6, '0')}000 5 ${rest}\n`;
    const { rows, counts } = await importText(
      line(1, 'D R 8 + 8 [a]') +
        line(2, 'R R 8 + 8 [0]') +
        line(3, 'D R 8 + 8 [a]') +
        line(5, 'D R 8 + 8 [b]') +
        line(9, 'C R 8 + 8 [0]') +
        line(15, 'C R 8 + 8 [5]'),
      file('a.nvtrace'),
    );
    assert.deepEqual(
      rows.map(({ timeNs, latencyNs, status }) => [timeNs, latencyNs, status]),
      [
        [2000, 6000, 0],
        [4000, 10_000, 6],
      ],
    );
    assert.equal(counts['requests put back'], 1);
  });

  it('counts what is no whole number of blocks', async () => {
    const log =
      'fio version 3 iolog\n0 f add\n0 f open\n1 f read 4096 512\n2 f write 4096 4096\n3 f read 1 2 3\n4 f bogus 1 1\n';
    const { rows, left } = await importText(log, file('a.nvtrace'), { lbaBytes: 4096 });
    assert.deepEqual([rows.length, rows[0]?.cdw10], [1, 1]);
    assert.deepEqual(left, { 'not a multiple of the logical block size': 2, 'command line not understood': 1 });
  });

  it('adds the waits of a version 2 log', async () => {
    const log = 'fio version 2 iolog\nf add\nf open\nf read 0 512\nf wait 5000 0\nf read 512 512\n';
    const { rows } = await importText(log, file('a.nvtrace'));
    assert.equal(rows[1]!.timeNs - rows[0]!.timeNs, 5_001_000);
  });

  it('says that a text is of no recorder', async () => {
    await assert.rejects(importText('hello\nworld\n', file('a.nvtrace')), /no recording vTracer knows/);
    await assert.rejects(importText('x\n'.repeat(10_000), file('a.nvtrace')), /no recording vTracer knows/);
  });

  it('reads the same whatever the pieces a text comes in, with CR LF and without a last line end', async () => {
    const { TraceImporter } = await import('../../../testkit/trace/import/importer.ts');
    const text = Buffer.from(`fio version 3 iolog\r\n0 f add\r\n${'1 f read 512 512\r\n'.repeat(50)}2 f read 1024 512`);
    for (const piece of [1, 7, 64, 1000]) {
      const importer = new TraceImporter(file('a.nvtrace'), { writer: 'test' });
      for (let at = 0; at < text.length; at += piece) await importer.feed(text.subarray(at, at + piece));
      assert.equal((await importer.finish()).commands, 51);
    }
  });

  it('skips a line that has no end', async () => {
    const { counts, commands } = await importText(
      Buffer.concat([
        Buffer.from('fio version 3 iolog\n'),
        Buffer.alloc(1 << 20, 0x41),
        Buffer.from('\n1 f read 0 512\n'),
      ]),
      file('a.nvtrace'),
    );
    assert.deepEqual([counts['lines too long'], commands], [1, 1]);
  });
});
