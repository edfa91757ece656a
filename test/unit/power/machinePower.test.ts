import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CommandPower } from '../../../testkit/power/commandPower.ts';
import { makePower } from '../../../testkit/power/makePower.ts';
import { bystanders } from '../../../testkit/power/powerBystanders.ts';
import { checkedPower } from '../../../testkit/power/powerController.ts';
import { SlotPower } from '../../../testkit/power/slotPower.ts';
import { SuspendPower } from '../../../testkit/power/suspendPower.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'doorbell-power-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(file: string, text: string): void {
  const full = path.join(folder, file);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(full, text);
}
const get = (file: string) => readFileSync(path.join(folder, file), 'utf8');

describe('power by shell commands', () => {
  it('runs them and believes the one that tells the state', async () => {
    const relay = path.join(folder, 'relay');
    const power = new CommandPower({ off: `echo off > ${relay}`, on: `echo on > ${relay}`, state: `cat ${relay}` });
    await power.off();
    assert.equal(await power.state(), 'off');
    await power.on();
    assert.equal(await power.state(), 'on');
    assert.equal(await new CommandPower({ off: 'true', on: 'true' }).state(), 'unknown');
    assert.equal(power.describe().midIo, true);
  });

  it('names the one that failed, hung or said something else', async () => {
    const power = new CommandPower({ off: 'echo no relay >&2; exit 3', on: 'sleep 30', state: 'echo maybe' }, 200);
    await assert.rejects(power.off(), { code: 'FAILED', message: /ended with 3: no relay/ });
    await assert.rejects(power.on(), { code: 'TIMEOUT', message: /sleep 30 did not end in 0.2 s/ });
    await assert.rejects(power.state(), { code: 'FAILED', message: /must print "on" or "off", not "maybe"/ });
  });
});

describe('power of a hotplug slot', () => {
  const slot = (name: string, address: string, power?: string) => {
    put(`bus/pci/slots/${name}/address`, `${address}\n`);
    if (power !== undefined) put(`bus/pci/slots/${name}/power`, `${power}\n`);
  };
  const open = (name?: string) => new SlotPower({ sysfs: folder, address: '0000:3d:00.0', ...(name && { name }) });

  it('is found by the address of the controller, and switched', async () => {
    slot('1', '0000:3c:00', '1');
    slot('7', '0000:3d:00', '1');
    const power = open();
    assert.deepEqual(power.describe(), {
      kind: 'slot',
      name: 'slot 7',
      midIo: false,
      why: 'the kernel removes the device before it switches the slot off',
    });
    await power.off();
    assert.equal(get('bus/pci/slots/7/power'), '0');
    assert.equal(get('bus/pci/slots/1/power'), '1\n');
    assert.equal(await power.state(), 'off');
    await power.on();
    assert.equal(await power.state(), 'on');
  });

  it('is refused where there is none, naming the fact', () => {
    assert.throws(() => open(), { code: 'NOT_SUPPORTED', message: /0000:3d:00.0 is in no hotplug slot/ });
    slot('7', '0000:3d:00');
    assert.throws(() => open(), { code: 'NOT_SUPPORTED', message: /slot 7 has no power switch/ });
    assert.throws(() => open('9'), { code: 'NOT_SUPPORTED', message: /slot 9 has no power switch/ });
  });
});

describe('what sleeps with the machine', () => {
  it('is every NVMe controller of the kernel and every session', async () => {
    put('class/nvme/nvme1/model', 'Doorbell 4000     \n');
    put('class/nvme/nvme1/serial', 'S2\n');
    put('class/nvme/nvme0/model', 'Doorbell 3000\n');
    const who = async () => 'alice    pts/0   2026-11-22 09:00 (192.0.2.1)\n';
    assert.deepEqual(await bystanders({ sysfs: folder, who }), [
      'nvme0 Doorbell 3000',
      'nvme1 Doorbell 4000 S2',
      'alice pts/0 2026-11-22 09:00 (192.0.2.1)',
    ]);
  });

  it('may be nothing', async () => {
    assert.deepEqual(await bystanders({ sysfs: folder, who: async () => '' }), []);
  });
});

describe('power by suspend to RAM', () => {
  const machine = (sleep: string) => {
    put('power/state', 'freeze mem disk\n');
    put('power/mem_sleep', `${sleep}\n`);
    put('power/suspend_stats/success', '4\n');
    put('class/rtc/rtc0/since_epoch', '1000\n');
  };
  const asked: string[][] = [];
  /** A machine that sleeps as it is told; `alarm` is what its clock takes. */
  const sleeper = (alarm = '1010') => {
    asked.length = 0;
    const rtcwake = async (args: readonly string[]) => {
      asked.push([...args]);
      if (args[1] === 'no') put('class/rtc/rtc0/wakealarm', `${alarm}\n`);
      else put('power/suspend_stats/success', '5\n');
      return '';
    };
    return new SuspendPower({ sysfs: folder, rtcwake });
  };

  it('sets the wake-up, looks at it, and sleeps', async () => {
    machine('s2idle [deep]');
    const power = sleeper();
    assert.equal(power.describe().midIo, false);
    await power.cycle(9500);
    assert.deepEqual(asked, [
      ['--mode', 'no', '--seconds', '10'],
      ['--mode', 'mem', '--seconds', '10'],
    ]);
    await assert.rejects(power.off(), { code: 'NOT_SUPPORTED', message: /powerCycle/ });
  });

  it('does not sleep when the wake-up was not taken', async () => {
    machine('s2idle [deep]');
    await assert.rejects(sleeper('').cycle(0), { code: 'REFUSED', message: /would not wake/ });
    await assert.rejects(sleeper('999').cycle(0), { code: 'REFUSED', message: /would not wake/ });
    assert.equal(asked.length, 1);
  });

  it('tells when the machine did not sleep', async () => {
    machine('[deep]');
    const power = new SuspendPower({
      sysfs: folder,
      rtcwake: async () => {
        put('class/rtc/rtc0/wakealarm', '1010\n');
        return '';
      },
    });
    await assert.rejects(power.cycle(0), { code: 'FAILED', message: /did not suspend/ });
  });

  it('is refused where drives would keep their power', () => {
    assert.throws(() => sleeper(), { code: 'NOT_SUPPORTED', message: /cannot suspend to RAM/ });
    machine('[s2idle] deep');
    assert.throws(() => sleeper(), { code: 'REFUSED', message: /write "deep"/ });
    machine('[s2idle]');
    assert.throws(() => sleeper(), { code: 'REFUSED', message: /has no "deep" sleep/ });
  });
});

describe('the power controller of a controller', () => {
  const of = (address: string) => ({ address, powered: true, power: async () => undefined });

  it('is its own supply for the emulated SSD, and has to be chosen for others', () => {
    assert.equal(makePower({ kind: 'emulated' }, of('emulated?size=1G')).describe().kind, 'emulated');
    assert.throws(() => makePower({ kind: 'emulated' }, of('0000:3d:00.0')), { message: /set doorbell.power/ });
    assert.throws(() => makePower({ kind: 's3' }, of('emulated')), { message: /s3 switches no emulated SSD/ });
    assert.equal(makePower({ kind: 'command', off: 'true', on: 'true' }, of('emulated')).describe().kind, 'command');
  });

  it('of a test file must have every method', () => {
    assert.throws(() => checkedPower({ off: () => undefined }), {
      name: 'TypeError',
      message: /lacks describe, state, on/,
    });
    assert.throws(() => checkedPower(null), { name: 'TypeError', message: /must be a PowerController/ });
  });
});
