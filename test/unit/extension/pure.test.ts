import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { Command, commandLink } from '../../../extension/commands.ts';
import { Disposables } from '../../../extension/disposables.ts';
import { GaugeHistory } from '../../../extension/gauge/gaugeHistory.ts';
import { RateMeter } from '../../../extension/gauge/rates.ts';
import { RunQueue } from '../../../extension/host/runQueue.ts';
import { OutputQueue } from '../../../extension/testing/outputQueue.ts';
import { shellWord } from '../../../testkit/machine/shell.ts';
import { never } from './support.ts';

describe('the words of a run', () => {
  it('are merged by place, kept in order and written with CRLF', () => {
    const writes: string[] = [];
    const queue = new OutputQueue({ write: (text, { id }) => writes.push(`${id ?? '-'}: ${JSON.stringify(text)}`) });
    queue.push('a\n', { id: '1' });
    queue.push('b\r\n', { id: '1' });
    queue.push('c\n');
    queue.push('d\n', { id: '1' });
    queue.end();
    assert.deepEqual(writes, ['1: "a\\r\\nb\\r\\n"', '-: "c\\r\\n"', '1: "d\\r\\n"']);
  });

  it('reach the window in few writes, whatever a test floods', async () => {
    let writes = 0;
    const queue = new OutputQueue({ write: () => (writes += 1), intervalMs: 20 });
    const end = Date.now() + 100;
    while (Date.now() < end) {
      for (let line = 0; line < 500; line += 1) queue.push('line\n', { id: '1' });
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    queue.end();
    assert.ok(writes <= 8, `${writes} writes`);
  });

  it('are bounded for each test, and say how many lines were dropped', () => {
    const writes: string[] = [];
    const queue = new OutputQueue({ write: (text) => writes.push(text), maxCharacters: 10 });
    queue.push('12345\n12345\nabc\n', { id: '1' });
    queue.push('x\n', { id: '1' });
    queue.push('other\n', { id: '2' });
    queue.end();
    assert.deepEqual(writes, [
      '12345\r\n1234',
      'other\r\n',
      '… 3 lines dropped: the window takes no more from one test\r\n',
    ]);
  });

  it('are bounded anew for each repetition', () => {
    const writes: string[] = [];
    const queue = new OutputQueue({ write: (text) => writes.push(text), maxCharacters: 4 });
    queue.push('one\nlost\n', { id: '1' });
    queue.endOf('1');
    queue.push('two\n', { id: '1' });
    queue.end();
    assert.deepEqual(writes, ['one\r\n', '… 1 lines dropped: the window takes no more from one test\r\n', 'two\r\n']);
  });
});

describe('the queue of a host', () => {
  it('gives turns one at a time, in order, each once', async () => {
    const queue = new RunQueue();
    const order: number[] = [];
    const turns = [1, 2, 3].map(async (run) => {
      const turn = await queue.turn(never());
      order.push(run);
      await Promise.resolve();
      order.push(run);
      turn?.dispose();
      turn?.dispose();
    });
    await Promise.all(turns);
    assert.deepEqual(order, [1, 1, 2, 2, 3, 3]);
    assert.equal(queue.busy, false);
  });

  it('does not give a turn to what was cancelled before', async () => {
    const queue = new RunQueue();
    const source = new vscode.CancellationTokenSource();
    source.cancel();
    assert.equal(await queue.turn(source.token), undefined);
    assert.equal(queue.busy, false);
  });
});

describe('rates', () => {
  const sample = (atNs: bigint, ios: bigint, bytes: bigint) => ({ controller: 'emulated', atNs, ios, bytes });

  it('come from the counters and the clock of the host', () => {
    const meter = new RateMeter();
    assert.deepEqual(meter.rates([sample(0n, 0n, 0n)], 1), []);
    const [rate] = meter.rates([sample(250_000_000n, 1000n, 4_096_000n)], 2);
    assert.deepEqual(rate, { atMs: 2, controller: 'emulated', megabytesPerSecond: 16.384, iops: 4000 });
  });

  it('are right beyond 32 bits', () => {
    const meter = new RateMeter();
    meter.rates([sample(0n, 0n, 5_000_000_000_000n)], 1);
    const [rate] = meter.rates([sample(1_000_000_000n, 9n, 5_010_000_000_000n)], 2);
    assert.equal(rate?.megabytesPerSecond, 10_000);
  });

  it('start anew for a controller that was opened anew, and when no time passed', () => {
    const meter = new RateMeter();
    meter.rates([sample(0n, 100n, 100n)], 1);
    assert.deepEqual(meter.rates([sample(1n, 1n, 1n)], 2), []);
    assert.deepEqual(meter.rates([sample(1n, 2n, 2n)], 3), []);
  });

  it('are kept, the newest 240 of each controller, with the marks among them', () => {
    const history = new GaugeHistory();
    history.mark({ atMs: 1, label: 'too old' });
    for (let atMs = 0; atMs < 300; atMs += 1) {
      history.add(['a', 'b'].map((controller) => ({ atMs, controller, megabytesPerSecond: 1, iops: 1 })));
    }
    history.mark({ atMs: 299, label: 'Power Off' });
    assert.equal(history.samples.length, 480);
    assert.equal(history.samples[0]?.atMs, 60);
    assert.deepEqual(
      history.marks.map(({ label }) => label),
      ['Power Off'],
    );
  });
});

describe('small things', () => {
  it('quotes words for a shell only when they need it', () => {
    assert.equal(shellWord('io/a.nvme.ts'), 'io/a.nvme.ts');
    assert.equal(shellWord("it's $HOME"), `'it'\\''s $HOME'`);
    assert.equal(shellWord(''), `''`);
  });

  it('ends disposables last in, first out, and one added late at once', () => {
    const order: number[] = [];
    const all = new Disposables();
    const item = (number: number) => ({ dispose: () => void order.push(number) });
    all.add(item(1));
    all.add(item(2));
    all.dispose();
    all.add(item(3));
    assert.deepEqual(order, [2, 1, 3]);
  });

  it('keeps arguments of command links inside the link', () => {
    const link = commandLink('x', Command.openCmdlog, { controller: 'a) [b](c)' });
    assert.doesNotMatch(link.slice(link.indexOf('(') + 1, -1), /[()[\] ]/);
  });
});
