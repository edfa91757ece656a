import { release } from 'node:os';
import type { Machine } from '../machine.ts';
import type { Finding } from './finding.ts';

const grubFile = '/etc/default/grub.d/doorbell.cfg';
const limitsFile = '/etc/security/limits.d/doorbell.conf';
const hugepagesFile = '/proc/sys/vm/nr_hugepages';
/** Buffers and queues of a test run; the locked memory of most users is 8 MiB. */
const enoughMemlock = 256 * 2 ** 20;
const mebibyte = 2 ** 20;

/** What of the kernel PCIe controllers need. Reads only. */
export async function kernelFindings(machine: Machine): Promise<Finding[]> {
  const kernel = (await machine.text('/proc/sys/kernel/osrelease')) ?? release();
  const isIommuOn = (await machine.names('/sys/kernel/iommu_groups')).length > 0;
  return [
    await iommu(machine, isIommuOn),
    await vfio(machine, kernel, isIommuOn),
    await memlock(machine),
    await hugepages(machine),
  ];
}

async function iommu(machine: Machine, isOn: boolean): Promise<Finding> {
  const id = 'iommu';
  const undo = `sudo rm ${grubFile} && sudo update-grub`;
  const back = (await machine.has(grubFile)) ? { undo } : {};
  if (isOn) return { id, state: 'ok', text: 'the IOMMU is on', ...back };
  const option = (await isIntel(machine)) ? 'intel_iommu=on iommu=pt' : 'iommu=pt';
  const text = 'the IOMMU is off: PCIe controllers cannot be used through VFIO';
  const advice = `Switch on VT-d or AMD-Vi in the firmware set-up of the machine, add ${option} to the kernel's command line, and restart.`;
  if (!(await machine.has('/usr/sbin/update-grub'))) return { id, state: 'note', text, advice, ...back };
  const command = `echo 'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX ${option}"' | sudo tee ${grubFile} && sudo update-grub`;
  const fix = { command, undo, afterwards: 'Restart the machine afterwards.' };
  return { id, state: 'note', text, advice, fix, ...back };
}

async function isIntel(machine: Machine): Promise<boolean> {
  return ((await machine.text('/proc/cpuinfo')) ?? '').includes('GenuineIntel');
}

async function vfio(machine: Machine, kernel: string, isIommuOn: boolean): Promise<Finding> {
  const id = 'vfio';
  if (await machine.has('/sys/bus/pci/drivers/vfio-pci')) {
    const isModule = await machine.has('/sys/module/vfio_pci/refcnt');
    const isUsed = (await machine.text('/sys/module/vfio_pci/refcnt')) !== '0';
    const undo = isModule && !isUsed ? { undo: 'sudo modprobe -r vfio-pci' } : {};
    return { id, state: 'ok', text: `the kernel module vfio-pci is there (kernel ${kernel})`, ...undo };
  }
  const text = `the kernel module vfio-pci is not loaded (kernel ${kernel})`;
  const list = (await machine.text(`/lib/modules/${kernel}/modules.dep`)) ?? '';
  if (list !== '' && !/\/vfio-pci\.ko/.test(list)) {
    return {
      id,
      state: 'note',
      text,
      advice: 'This kernel has no module vfio-pci: install one that has (CONFIG_VFIO_PCI).',
    };
  }
  const fix = { command: 'sudo modprobe vfio-pci', undo: 'sudo modprobe -r vfio-pci' };
  return { id, state: 'note', text, ...(isIommuOn && { fix }) };
}

async function memlock(machine: Machine): Promise<Finding> {
  const [, soft = ''] = /^Max locked memory\s+(\S+)/m.exec((await machine.text('/proc/self/limits')) ?? '') ?? [];
  const undo = (await machine.has(limitsFile)) ? { undo: `sudo rm ${limitsFile}` } : {};
  const id = 'memlock';
  if (soft === 'unlimited' || Number(soft) >= enoughMemlock) {
    const size = soft === 'unlimited' ? 'all of the memory' : `${Math.floor(Number(soft) / mebibyte)} MiB`;
    return { id, state: 'ok', text: `this user may lock ${size} for DMA`, ...undo };
  }
  return {
    id,
    state: 'note',
    text: `this user may lock ${Math.floor(Number(soft) / mebibyte)} MiB of memory, which is little for the DMA buffers of tests on VFIO`,
    fix: {
      command: `echo "$USER - memlock unlimited" | sudo tee ${limitsFile}`,
      undo: `sudo rm ${limitsFile}`,
      afterwards: 'Log in again afterwards; VS Code too has to be started anew (Remote: Kill VS Code Server on Host).',
    },
    ...undo,
  };
}

async function hugepages(machine: Machine): Promise<Finding> {
  const facts = (await machine.text('/proc/meminfo')) ?? '';
  const value = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(facts)?.[1] ?? 0);
  const total = value('HugePages_Total');
  const kibibytes = value('Hugepagesize');
  const id = 'hugepages';
  if (total > 0) {
    return {
      id,
      state: 'ok',
      text: `${total} hugepages of ${kibibytes / 1024} MiB, ${value('HugePages_Free')} of them free`,
    };
  }
  return {
    id,
    state: 'note',
    text: 'no hugepages: VFIO does without, SPDK needs them',
    ...(kibibytes > 0 && {
      fix: {
        command: `echo ${Math.ceil((256 * 1024) / kibibytes)} | sudo tee ${hugepagesFile}`,
        undo: `echo 0 | sudo tee ${hugepagesFile}`,
      },
    }),
  };
}
