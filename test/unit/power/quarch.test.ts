import assert from 'node:assert/strict';
import net from 'node:net';
import { parsePower, type QuarchSpec } from '../../../testkit/power/powerSpec.ts';
import { QuarchPower } from '../../../testkit/power/quarch/quarchPower.ts';
import { serveSerial } from '../../fakes/quarch/serialLine.ts';
import { serveHttp, serveInstruments, serveModule, Torridon } from '../../fakes/quarch/torridon.ts';

const quarch = (text: string) => new QuarchPower(parsePower(`quarch:${text}`) as QuarchSpec);

async function cuts(power: QuarchPower, module: Torridon, suffix = ''): Promise<void> {
  assert.equal(await power.state(), 'on');
  await power.off();
  assert.equal(module.plugged, false);
  assert.equal(await power.state(), 'off');
  await power.on();
  assert.equal(module.plugged, true);
  assert.deepEqual(
    module.heard,
    ['run:power?', 'run:power down', 'run:power?', 'run:power up'].map((command) => command + suffix),
  );
}

describe('a Quarch module', () => {
  it('cuts power over its own TCP port', async () => {
    const module = new Torridon();
    await using served = await serveModule(module);
    await cuts(quarch(`tcp://127.0.0.1:${served.port}`), module);
  });

  it('cuts power of one port of an array controller', async () => {
    const module = new Torridon({ ports: 4 });
    await using served = await serveModule(module);
    await cuts(quarch(`tcp://127.0.0.1:${served.port}?port=3`), module, ' <3>');
    await assert.rejects(quarch(`tcp://127.0.0.1:${served.port}?port=5`).off(), {
      code: 'FAILED',
      message: /port 5 answered "run:power down" with "FAIL: 0x42/,
    });
  });

  it('cuts power over HTTP', async () => {
    const module = new Torridon();
    await using served = await serveHttp(module);
    await cuts(quarch(`rest://127.0.0.1:${served.port}`), module);
  });

  it('cuts power through the Quarch Instrument Server, by its name', async () => {
    const module = new Torridon();
    await using served = await serveInstruments(new Map([['QTL1743-02-005', module]]));
    await cuts(quarch(`qis://127.0.0.1:${served.port}/QTL1743-02-005`), module);
    await assert.rejects(quarch(`qis://127.0.0.1:${served.port}/QTL9`).on(), { message: /Module not found/ });
  });

  it('cuts power over a serial line', async () => {
    const module = new Torridon();
    await using served = await serveSerial(module);
    await cuts(quarch(`serial:${served.device}`), module);
  });

  it('says what it is and that it cuts in the middle of I/O', () => {
    assert.deepEqual(quarch('tcp://lab?port=2').describe(), { kind: 'quarch', name: 'Quarch lab port 2', midIo: true });
  });

  it('that is not there is named', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as net.AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    for (const way of ['tcp', 'rest']) {
      await assert.rejects(quarch(`${way}://127.0.0.1:${port}`).off(), {
        code: 'FAILED',
        message: new RegExp(`127.0.0.1:${port}.* cannot be reached: ECONNREFUSED`),
      });
    }
    await assert.rejects(quarch('serial:/dev/no-such-line').off(), { code: 'FAILED', message: /no-such-line/ });
  });

  it('that hangs up before its answer is named', async () => {
    const server = net.createServer((socket) => socket.resume().end()).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as net.AddressInfo;
    await assert.rejects(quarch(`tcp://127.0.0.1:${port}`).off(), { message: /closed the connection before/ });
    await new Promise((resolve) => server.close(resolve));
  });
});
