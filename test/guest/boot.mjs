// Boots the guest under pure emulation and waits for its end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const mounts = (share) => ({
  usr: ['/usr', true],
  node: [path.resolve(process.execPath, '../..'), true],
  repo: [root, true],
  share: [share, false],
});

function machine({ kernel, image, disk, share }) {
  const shares = Object.entries(mounts(share)).flatMap(([tag, [folder, readonly]]) => [
    '-virtfs',
    `local,path=${folder},mount_tag=${tag},security_model=none,multidevs=remap${readonly ? ',readonly=on' : ''}`,
  ]);
  return [
    ...['-M', 'q35', '-accel', 'tcg,thread=multi', '-cpu', 'max', '-m', '1024', '-smp', '2'],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-serial', 'stdio', '-no-reboot'],
    // VFIO in the guest: an IOMMU that remaps interrupts as well.
    ...['-device', 'intel-iommu,intremap=on,caching-mode=on,aw-bits=48'],
    ...['-kernel', kernel.image, '-initrd', image],
    '-append',
    'console=ttyS0 quiet panic=-1 nokaslr mitigations=off no_timer_check intel_iommu=on',
    ...shares,
    // A slot of its own, so that there is a link to reset.
    ...['-device', 'pcie-root-port,id=slot0,bus=pcie.0,chassis=1,slot=1'],
    ...['-drive', `file=${disk},if=none,id=disk,format=raw,cache=unsafe,discard=unmap`],
    ...['-device', 'nvme,id=ssd,drive=disk,serial=guest,bus=slot0'],
  ];
}

async function once_(options, timeoutMs) {
  const guest = spawn('qemu-system-x86_64', machine(options), { stdio: ['ignore', 'pipe', 'pipe'] });
  const timer = setTimeout(() => guest.kill('SIGKILL'), timeoutMs);
  let console_ = '';
  for (const stream of [guest.stdout, guest.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      console_ += text;
    });
  }
  await once(guest, 'close');
  clearTimeout(timer);
  const [, code] = /GUEST-RC=(\d+)/.exec(console_) ?? [];
  return { code: code === undefined ? undefined : Number(code), console: console_ };
}

/**
 * One guest's life, and a second one if the first did not come to its end: emulation on a loaded machine may stall.
 * @returns {Promise<{ code: number | undefined, console: string }>} code: of the tests; undefined when both guests stalled
 */
export async function bootGuest({ kernel, image, work, share, timeoutMs }) {
  const disk = path.join(work, 'disk.img');
  let result = { code: undefined, console: '' };
  for (let attempt = 1; attempt <= 2 && result.code === undefined; attempt += 1) {
    writeFileSync(disk, '');
    truncateSync(disk, 256 * 2 ** 20);
    rmSync(path.join(share, 'report.json'), { force: true });
    result = await once_({ kernel, image, disk, share }, timeoutMs);
    if (result.code === undefined) console.error(`The guest did not end (attempt ${attempt}):\n${result.console}`);
  }
  return result;
}
