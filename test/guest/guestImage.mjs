// The guest's first file system: busybox, the kernel modules it needs, and init.sh. Everything else is the host's, mounted.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const modules = ['virtio_pci', '9pnet_virtio', '9p', 'nvme', 'vfio-pci', 'vfio_iommu_type1', 'crc32c_generic', 'ext4'];
const folders = [
  'bb',
  'proc',
  'sys',
  'dev',
  'tmp',
  'usr',
  'mods',
  'mnt',
  'share',
  'repo',
  'etc',
  'run',
  'root',
  'var',
  'node',
];

/** The files of a module and of what it needs, in the order they are loaded. */
function filesOf({ folder, version }, module) {
  const shown = execFileSync(
    '/usr/sbin/modprobe',
    ['-C', '/dev/null', '-d', folder, '-S', version, '--show-depends', module],
    { encoding: 'utf8' },
  );
  return [...shown.matchAll(/^insmod (\S+)/gm)].map(([, file]) => file);
}

/** Writes the archive to `target`; `work` is a folder of its own. */
export function makeGuestImage(kernel, work, target) {
  const root = path.join(work, 'image');
  rmSync(root, { recursive: true, force: true });
  for (const folder of folders) mkdirSync(path.join(root, folder), { recursive: true });
  for (const link of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${link}`, path.join(root, link));
  copyFileSync('/usr/bin/busybox', path.join(root, 'bb/busybox'));
  for (const applet of execFileSync('/usr/bin/busybox', ['--list'], { encoding: 'utf8' }).trim().split('\n')) {
    if (applet !== 'busybox') symlinkSync('busybox', path.join(root, 'bb', applet));
  }
  const files = [...new Set(modules.flatMap((module) => filesOf(kernel, module)))];
  for (const file of files) copyFileSync(file, path.join(root, 'mods', path.basename(file)));
  writeFileSync(path.join(root, 'mods/order'), files.map((file) => `${path.basename(file)}\n`).join(''));
  writeFileSync(path.join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  copyFileSync(path.join(import.meta.dirname, 'init.sh'), path.join(root, 'init'));
  execFileSync('chmod', ['+x', path.join(root, 'init')]);
  const names = execFileSync('find', ['.'], { cwd: root });
  const archive = execFileSync('cpio', ['-o', '-H', 'newc', '-R', '0:0', '--quiet'], {
    cwd: root,
    input: names,
    maxBuffer: 2 ** 30,
  });
  writeFileSync(target, archive);
  return readFileSync(path.join(root, 'mods/order'), 'utf8');
}
