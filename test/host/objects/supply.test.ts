import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Controller } from '../../../testkit/objects/controller.ts';
import { Subsystem } from '../../../testkit/objects/subsystem.ts';
import type { PowerController } from '../../../testkit/power/powerController.ts';
import { serveModule, Torridon } from '../../fakes/quarch/torridon.ts';
import { openSsd } from './support.ts';

/** A supply of a test's own, which writes down what was asked of it. */
class Recorder implements PowerController {
  readonly asked: string[] = [];
  constructor(
    private readonly midIo: boolean,
    private readonly isPowered: () => boolean,
  ) {}
  describe() {
    return { kind: 'recorder', name: 'a recorder', midIo: this.midIo };
  }
  async state() {
    return 'unknown' as const;
  }
  async off() {
    this.asked.push(`off, driver ${this.isPowered() ? 'attached' : 'detached'}`);
  }
  async on() {
    this.asked.push(`on, driver ${this.isPowered() ? 'attached' : 'detached'}`);
  }
}

describe('the supply of a subsystem', () => {
  let nvme0: Controller;
  before(async () => {
    nvme0 = await openSsd(17);
  });
  afterEach(() => nvme0.restore());
  after(() => nvme0.close());

  it('is the emulated SSD its own, and says so', async () => {
    const { power } = nvme0.subsystem;
    assert.deepEqual(power.describe(), { kind: 'emulated', name: `the supply of ${nvme0.address}`, midIo: true });
    assert.equal(await power.state(), 'on');
    await nvme0.subsystem.powerOff();
    assert.equal(await power.state(), 'off');
  });

  it('may be an object of the test: power goes under the driver where it can', async () => {
    const power = new Recorder(true, () => nvme0.powered);
    const subsystem = new Subsystem(nvme0, { power });
    await subsystem.powerOff();
    assert.equal(subsystem.powered, false);
    await subsystem.powerOn();
    assert.deepEqual(power.asked, ['off, driver attached', 'on, driver detached']);
  });

  it('may be an object of the test: the driver lets go first where the kernel removes the device', async () => {
    const power = new Recorder(false, () => nvme0.powered);
    await new Subsystem(nvme0, { power }).powerCycle();
    assert.deepEqual(power.asked, ['off, driver detached', 'on, driver detached']);
    assert.equal(nvme0.registers.csts.rdy, true);
  });

  it('may cycle as a whole', async () => {
    const cycles: number[] = [];
    const power = Object.assign(new Recorder(false, () => nvme0.powered), {
      cycle: async (offMs: number) => void cycles.push(offMs),
    });
    const { powerCycles } = await nvme0.smart();
    await new Subsystem(nvme0, { power }).powerCycle({ offMs: 15_000 });
    assert.deepEqual(cycles, [15_000]);
    assert.deepEqual(power.asked, []);
    assert.equal((await nvme0.smart()).powerCycles, powerCycles + 1n);
  });

  it('that fails leaves the controller as it is', async () => {
    const power = new Recorder(true, () => true);
    power.off = async () => {
      throw new Error('the relay is stuck');
    };
    await assert.rejects(new Subsystem(nvme0, { power }).powerOff(), { message: 'the relay is stuck' });
    assert.equal(nvme0.powered, true);
    await nvme0.identify();
  });

  it('is refused when it is none, before anything happens', () => {
    for (const power of [{}, 7, null]) {
      assert.throws(() => new Subsystem(nvme0, { power: power as never }), { name: 'TypeError' });
    }
    assert.throws(() => new Subsystem(nvme0, { power: 'quark:1' }), { name: 'RangeError', message: /quark/ });
    assert.throws(() => new Subsystem(null as never), { name: 'TypeError' });
    assert.equal(nvme0.powered, true);
  });

  it('is a Quarch module when the controller is opened with one', async () => {
    const module = new Torridon();
    await using served = await serveModule(module);
    const rehearsed = await Controller.open('emulated?name=quarch', { power: `quarch:tcp://127.0.0.1:${served.port}` });
    try {
      await rehearsed.subsystem.powerOff();
      assert.deepEqual([module.plugged, rehearsed.powered], [false, false]);
      await rehearsed.restore();
      assert.deepEqual([module.plugged, rehearsed.powered], [true, true]);
    } finally {
      await rehearsed.close();
    }
  });

  it('is a pair of shell commands when the controller is opened with them', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'doorbell-supply-'));
    const log = path.join(folder, 'log');
    const power = `command:${JSON.stringify({ off: `echo off >> ${log}`, on: `echo on >> ${log}` })}`;
    const rehearsed = await Controller.open('emulated?name=command', { power });
    try {
      await rehearsed.subsystem.powerCycle();
      assert.equal(readFileSync(log, 'utf8'), 'off\non\n');
    } finally {
      await rehearsed.close();
      rmSync(folder, { recursive: true });
    }
  });
});
