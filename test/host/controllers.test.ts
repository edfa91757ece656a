import assert from 'node:assert/strict';
import { disposeHosts, HostFixture } from './support/hosts.ts';

const bigints = (_key: string, value: unknown) => (typeof value === 'bigint' ? `${value}` : value);

describe('the controllers of a run', () => {
  afterEach(disposeHosts);

  it('gives tests that take two controllers the second one of the run, on emulated SSDs without being asked', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': `
test('copies', async ({ nvme0n1, nvme1n1, qpair, buf, log, nvme0, nvme1 }) => {
  buf.write('from nvme0');
  await nvme0n1.write(qpair, buf, { slba: 0 });
  const other = await nvme1.createQpair();
  await nvme1n1.read(other, buf, { slba: 0 });
  expect(buf.toString('ascii', 0, 10)).not.toBe('from nvme0');
  log(nvme0.address, nvme1.address);
});
`,
    });
    await fixture.run(['a.nvme.ts']);
    await fixture.run(['a.nvme.ts'], { controllers: ['emulated?name=a', 'emulated?name=b'] });
    assert.deepEqual(
      fixture.ended.map(({ outcome }) => outcome.state),
      ['passed', 'passed'],
      JSON.stringify(fixture.ended, bigints),
    );
    const said = fixture.outputs.map(({ text }) => text).join('');
    assert.match(said, /^emulated emulated\?name=nvme1$/m);
    assert.match(said, /^emulated\?name=a emulated\?name=b$/m);
  });
});
