import assert from 'node:assert/strict';
import { disposeHosts, HostFixture } from './support/hosts.ts';

const stop = 'thread(new URL("./work.ts", import.meta.url), { controller: nvme0 })';

describe('threads of a test', () => {
  afterEach(disposeHosts);

  const run = async (worker: string, body: string): Promise<HostFixture> => {
    const fixture = await HostFixture.start({
      'work.ts': `import { type ThreadContext, DmaBuffer, expect } from '@doorbell/testkit';\n${worker}\n`,
      'thread.nvme.ts': `import { thread } from '@doorbell/testkit';\ntest('t', async ({ nvme0, nvme0n1, qpair, buf }) => {\n${body}\n});\ntest('after', async ({ nvme0n1, qpair }) => { await nvme0n1.flush(qpair); });\n`,
    });
    await fixture.run(['thread.nvme.ts']);
    assert.equal(fixture.outcome('> after').state, 'passed', 'the controller goes on');
    return fixture;
  };

  it('work on the same controller, with data in and a result out', async () => {
    const fixture = await run(
      `export async function main({ nvme0, data }: ThreadContext<{ word: string }>) {
        const qpair = await nvme0.createQpair({ depth: 4 });
        const buf = new DmaBuffer(512);
        buf.write(data.word);
        await nvme0.namespace(1).write(qpair, buf, { slba: 9 });
        return { qid: qpair.qid, model: (await nvme0.identify()).model };
      }`,
      `const t = thread(new URL('./work.ts', import.meta.url), { controller: nvme0, data: { word: 'from afar' } });
       const { qid, model } = await t.done;
       expect(qid).not.toBe(qpair.qid);
       expect(model).toBe(nvme0.identifyData.model);
       await nvme0n1.read(qpair, buf, { slba: 9 });
       expect(buf.toString('ascii', 0, 9)).toBe('from afar');`,
    );
    assert.deepEqual(fixture.outcome('> t'), { state: 'passed' });
  });

  it('are asked to stop at the end of the test, and what they made ends with them', async () => {
    const fixture = await run(
      `export async function main({ nvme0, signal }: ThreadContext) {
        const qpair = await nvme0.createQpair({ depth: 4 });
        while (!signal.aborted) await nvme0.namespace(1).flush(qpair);
      }`,
      `for (let at = 0; at < 3; at += 1) ${stop};
       await new Promise((resolve) => setTimeout(resolve, 300));`,
    );
    assert.deepEqual(fixture.outcome('> t'), { state: 'passed' });
  });

  it('that fail, fail the test, at the line of their file', async () => {
    const fixture = await run(
      `export async function main({ nvme0 }: ThreadContext) {
        const qpair = await nvme0.createQpair({ depth: 4 });
        await nvme0.namespace(1).read(qpair, new DmaBuffer(512), { slba: 2n ** 40n });
      }`,
      `${stop};\n await new Promise((resolve) => setTimeout(resolve, 5000));`,
    );
    const failure = fixture.failure('> t');
    assert.match(failure.status ?? '', /LBA Out of Range/);
    const [frame] = failure.stack;
    assert.match(frame?.file ?? '', /work\.ts$/);
    assert.equal(frame?.line, 4);
    assert.equal(failure.cmdlog?.qid !== undefined, true);
  });

  it('reject what waits for them', async () => {
    const fixture = await run(
      `export async function main() { expect(1).toBe(2); }`,
      `await expect(${stop}.done).rejects.toThrow('Expected: 2');`,
    );
    assert.deepEqual(fixture.outcome('> t'), { state: 'passed' });
    const none = await run(`export const other = 1;`, `await ${stop}.done;`);
    assert.match(none.failure('> t').message, /work\.ts must export a function main/);
    const broken = await run(`export async function main() { return () => 1; }`, `await ${stop}.done;`);
    assert.match(broken.failure('> t').message, /could not be cloned/);
  }).timeout(30_000);

  it('that never yield are terminated', async () => {
    const fixture = await run(
      `export async function main({ nvme0 }: ThreadContext) { await nvme0.createQpair({ depth: 4 }); for (;;); }`,
      `${stop};\n await new Promise((resolve) => setTimeout(resolve, 500));`,
    );
    assert.match(fixture.failure('> t').message, /did not end within 5 s and was terminated/);
  }).timeout(30_000);
});
