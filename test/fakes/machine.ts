import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Exclusive, Machine } from '../../testkit/machine/machine.ts';

export const bdf = '0000:3d:00.0';

export interface DriveOptions {
  readonly address?: string;
  readonly driver?: string | undefined;
  readonly group?: string | undefined;
  readonly partitions?: number;
  readonly serial?: string;
}

/** A tree of files that looks like a Linux machine with NVMe drives, and answers writes to control files as its kernel would. */
export class FakeMachine extends Machine {
  /** Words written to control files, `file = word`. */
  readonly written: string[] = [];
  /** Answers of exclusive claims by device; others are free. */
  readonly claims = new Map<string, string>();
  /** Names of devices claimed right now. */
  readonly held = new Set<string>();
  /** Drivers that will not take a device. */
  readonly unwilling = new Set<string>();
  /** What happens before a word is written, a crash for example. */
  onWrite: (file: string, word: string) => void = () => undefined;
  readonly #drives = new Map<string, { index: number; partitions: number; serial: string }>();

  constructor() {
    super(mkdtempSync(path.join(tmpdir(), 'doorbell-machine-')));
    this.file('/proc/self/mountinfo', '21 1 0:19 / /sys rw shared:7 - sysfs sysfs rw');
    this.file('/proc/swaps', 'Filename\tType\tSize\tUsed\tPriority');
    this.file('/sys/bus/pci/drivers_probe', '');
    for (const driver of ['nvme', 'vfio-pci']) this.file(`/sys/bus/pci/drivers/${driver}/unbind`, '');
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  file(file: string, text: string): void {
    const full = this.path(file);
    mkdirSync(path.dirname(full), { recursive: true });
    writeFileSync(full, `${text}\n`);
  }

  symlink(file: string, target: string): void {
    const full = this.path(file);
    mkdirSync(path.dirname(full), { recursive: true });
    rmSync(full, { force: true });
    symlinkSync(target, full);
  }

  /** An NVMe drive, with the kernel unless `driver` says otherwise. Its first partition is `nvme0n1p1`. */
  drive(options: DriveOptions = {}): void {
    const { address = bdf, partitions = 2, serial = 'S5GX0001' } = options;
    const group = 'group' in options ? options.group : '12';
    this.pci(address, '0x010802', undefined, group);
    this.#drives.set(address, { index: this.#drives.size, partitions, serial });
    const driver = 'driver' in options ? options.driver : 'nvme';
    if (driver !== undefined) this.bind(address, driver);
  }

  /** Any PCI function. */
  pci(address: string, classCode: string, driver?: string, group?: string): void {
    const folder = `/sys/bus/pci/devices/${address}`;
    this.file(`${folder}/class`, classCode);
    this.file(`${folder}/vendor`, '0x144d');
    this.file(`${folder}/device`, '0xa80a');
    this.file(`${folder}/driver_override`, '(null)');
    if (driver !== undefined) this.symlink(`${folder}/driver`, `../../drivers/${driver}`);
    if (group === undefined) return;
    this.symlink(`${folder}/iommu_group`, `../../../kernel/iommu_groups/${group}`);
    this.symlink(`/sys/kernel/iommu_groups/${group}/devices/${address}`, `../../../../bus/pci/devices/${address}`);
  }

  bind(address: string, driver: string): void {
    const folder = `/sys/bus/pci/devices/${address}`;
    this.symlink(`${folder}/driver`, `../../drivers/${driver}`);
    if (driver === 'nvme') this.showDrive(address);
    if (driver === 'vfio-pci') {
      const group = path.basename(readlinkSync(this.path(`${folder}/iommu_group`)));
      this.file(`/dev/vfio/${group}`, '');
    }
  }

  /** A mount, as a line of mountinfo. */
  mount(number: string, at: string, source: string): void {
    this.append('/proc/self/mountinfo', `36 35 ${number} / ${at} rw,noatime shared:1 - ext4 ${source} rw`);
  }

  append(file: string, line: string): void {
    writeFileSync(this.path(file), `${line}\n`, { flag: 'a' });
  }

  /** A device made of others: `dm-0` over `nvme0n1p1`. */
  upper(name: string, of: string, files: Readonly<Record<string, string>>, number = '254:0'): void {
    this.file(`/sys/class/block/${name}/dev`, number);
    for (const [file, text] of Object.entries(files)) this.file(`/sys/class/block/${name}/${file}`, text);
    this.file(`/sys/class/block/${of}/holders/${name}`, '');
  }

  /** A process that has a file open. */
  process(pid: number, comm: string, target: string): void {
    this.file(`/proc/${pid}/comm`, comm);
    this.symlink(`/proc/${pid}/fd/5`, target);
  }

  override async claim(device: string): Promise<Exclusive> {
    const refused = this.claims.get(device);
    if (refused !== undefined) return { refused };
    this.held.add(device);
    return { close: async () => void this.held.delete(device) };
  }

  override async write(file: string, word: string): Promise<void> {
    this.onWrite(file, word);
    await super.write(file, '');
    this.written.push(`${file} = ${word}`);
    const [, address = ''] = /devices\/([^/]+)\//.exec(file) ?? [];
    if (file.endsWith('/driver_override')) this.file(file, word.trim() || '(null)');
    if (file.endsWith('/unbind')) this.unbind(address);
    if (file.endsWith('/drivers_probe')) await this.probe(word);
  }

  /** Answers what another process writes to control files, as the kernel does, until it is stopped. */
  serve(): { stop(): void } {
    const timer = setInterval(() => void this.answerAll(), 50);
    return { stop: () => clearInterval(timer) };
  }

  private async answerAll(): Promise<void> {
    for (const address of this.#drives.keys()) {
      const override = `/sys/bus/pci/devices/${address}/driver_override`;
      // A word is written over the one that was there.
      const raw = readFileSync(this.path(override), 'utf8');
      if (raw.startsWith('\n')) this.file(override, '(null)');
      const driver = await this.linkName(`/sys/bus/pci/devices/${address}/driver`);
      if (driver !== undefined && this.take(`/sys/bus/pci/drivers/${driver}/unbind`, address)) this.unbind(address);
      if (this.take('/sys/bus/pci/drivers_probe', address)) await this.probe(address);
    }
  }

  /** Whether a control file has this address; it is empty then. */
  private take(file: string, address: string): boolean {
    const has = readFileSync(this.path(file), 'utf8').includes(address);
    if (has) this.file(file, '');
    return has;
  }

  private async probe(address: string): Promise<void> {
    const override = await this.text(`/sys/bus/pci/devices/${address}/driver_override`);
    const driver = override === '(null)' ? 'nvme' : (override ?? 'nvme');
    if (!this.unwilling.has(driver)) this.bind(address, driver);
  }

  private unbind(address: string): void {
    const folder = `/sys/bus/pci/devices/${address}`;
    rmSync(this.path(`${folder}/driver`));
    rmSync(this.path(`${folder}/nvme`), { recursive: true, force: true });
    for (const name of this.blockNames(address)) {
      rmSync(this.path(`/sys/class/block/${name}`), { recursive: true, force: true });
      rmSync(this.path(`/dev/${name}`), { force: true });
    }
  }

  private blockNames(address: string): string[] {
    const { index = 0, partitions = 0 } = this.#drives.get(address) ?? {};
    return [`nvme${index}n1`, ...Array.from({ length: partitions }, (_, at) => `nvme${index}n1p${at + 1}`)];
  }

  private showDrive(address: string): void {
    const { index = 0, serial = '' } = this.#drives.get(address) ?? {};
    const nvme = `/sys/bus/pci/devices/${address}/nvme/nvme${index}`;
    this.file(`${nvme}/model`, 'Samsung SSD 980 PRO 1TB                 ');
    this.file(`${nvme}/serial`, serial);
    this.file(`${nvme}/firmware_rev`, '5B2QGXA7');
    const [disk = '', ...partitions] = this.blockNames(address);
    this.file(`${nvme}/${disk}/uevent`, '');
    for (const [at, name] of [disk, ...partitions].entries()) {
      this.file(`/sys/class/block/${name}/dev`, `259:${index * 16 + at}`);
      this.file(`/sys/class/block/${name}/size`, at === 0 ? '1953525168' : '2048');
      this.file(`/dev/${name}`, '');
      if (at > 0) this.file(`/sys/class/block/${disk}/${name}/partition`, String(at));
    }
  }
}
