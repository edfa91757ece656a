import { contentOf } from '../blockFacts.ts';
import { holdersOf } from '../holders.ts';
import type { Machine } from '../machine.ts';
import { capacityOf, type NvmeController, nvmeControllers, sizeText } from '../nvmeControllers.ts';
import { openersOf } from '../openers.ts';
import { groupHolders, holdersText } from '../protection.ts';
import type { Finding, Remedy } from './finding.ts';

/** What tests may do with a controller. */
export type Readiness =
  /** Bound to vfio-pci, and open to this user. */
  | { readonly kind: 'ready' }
  /** With the kernel, and nobody needs it. */
  | { readonly kind: 'free' }
  /** Somebody needs it; `by` names them. */
  | { readonly kind: 'held'; readonly by: string }
  /** Out of the kernel's hands, and not ours to open yet. */
  | { readonly kind: 'closed'; readonly reason: string }
  | { readonly kind: 'unbound' };

export interface SurveyedController {
  readonly controller: NvmeController;
  readonly readiness: Readiness;
  /** What stands on it, where udev knows: `ext4 "home" on nvme0n1p2`. */
  readonly contents: readonly string[];
}

/** Every NVMe controller, and what tests may do with it. Reads only. */
export async function surveyControllers(machine: Machine): Promise<SurveyedController[]> {
  const controllers = await nvmeControllers(machine);
  return Promise.all(
    controllers.map(async (controller) => ({
      controller,
      readiness: await readinessOf(machine, controller),
      contents: await contentsOf(machine, controller),
    })),
  );
}

async function readinessOf(machine: Machine, controller: NvmeController): Promise<Readiness> {
  const { driver, iommuGroup } = controller;
  if (driver === undefined) return { kind: 'unbound' };
  if (driver !== 'vfio-pci' && driver !== 'nvme') return { kind: 'closed', reason: `bound to ${driver}` };
  if (driver === 'vfio-pci') return readinessOfVfio(machine, iommuGroup ?? '');
  const holders = await holdersOf(machine, controller);
  return holders.length > 0 ? { kind: 'held', by: holdersText(holders) } : { kind: 'free' };
}

async function readinessOfVfio(machine: Machine, group: string): Promise<Readiness> {
  const [opener] = await openersOf(machine, [`vfio/${group}`]);
  if (opener) return { kind: 'held', by: `it is ${opener.by}` };
  const owner = await machine.owner(`/dev/vfio/${group}`);
  if (owner === undefined) return { kind: 'closed', reason: `/dev/vfio/${group} is not there` };
  const uid = process.getuid?.();
  const isOurs = uid === 0 || owner.uid === uid;
  return isOurs ? { kind: 'ready' } : { kind: 'closed', reason: `/dev/vfio/${group} belongs to user ${owner.uid}` };
}

async function contentsOf(machine: Machine, { namespaces }: NvmeController): Promise<string[]> {
  const devices = namespaces.flatMap(({ name, partitions }) => [name, ...partitions]);
  const contents = await Promise.all(
    devices.map(async (device) => {
      const content = await contentOf(machine, device);
      return content === undefined ? [] : [`${content} on ${device}`];
    }),
  );
  return contents.flat();
}

/** @param doorbell how the command is called in a shell, also by root */
export async function controllerFindings(machine: Machine, doorbell: string): Promise<Finding[]> {
  const surveyed = await surveyControllers(machine);
  if (surveyed.length === 0) {
    return [
      { id: 'controllers', state: 'note', text: 'no NVMe controller on the PCI bus: tests run on the emulated SSD' },
    ];
  }
  return surveyed.map((one) => findingOf(one, doorbell));
}

function findingOf(surveyed: SurveyedController, doorbell: string): Finding {
  const { controller, readiness } = surveyed;
  const { address } = controller;
  const fix = fixOf(surveyed, doorbell);
  const giveBack = `sudo ${doorbell} unbind ${address}`;
  return {
    id: `controller ${address}`,
    state: readiness.kind === 'ready' ? 'ok' : 'note',
    text: `${controllerText(controller)}: ${readinessText(surveyed)}`,
    ...(readiness.kind === 'held' && controller.driver === 'nvme' && { advice: 'Doorbell leaves it alone.' }),
    ...(fix && { fix }),
    ...(readiness.kind === 'ready' && { undo: giveBack }),
  };
}

/** What makes it ready for tests; undefined when it must not be, or cannot. */
export function fixOf({ controller, readiness }: SurveyedController, doorbell: string): Remedy | undefined {
  const { address, iommuGroup } = controller;
  if (readiness.kind === 'held' || readiness.kind === 'ready' || iommuGroup === undefined) return undefined;
  if (groupHolders(controller).length > 0) return undefined;
  const isForeign = readiness.kind === 'closed' && controller.driver !== 'vfio-pci';
  if (isForeign) return undefined;
  return { command: `sudo ${doorbell} bind ${address}`, undo: `sudo ${doorbell} unbind ${address}` };
}

/** `0000:3d:00.0, Samsung SSD 980 PRO, serial S5GX, 1.0 TB` */
export function controllerText(controller: NvmeController): string {
  const { address, model, serial, ids } = controller;
  const bytes = capacityOf(controller);
  const facts = [address, model ?? `PCI ${ids}`, serial && `serial ${serial}`, bytes > 0n && sizeText(bytes)];
  return facts.filter(Boolean).join(', ');
}

export function readinessText({ controller, readiness, contents }: SurveyedController): string {
  const text = {
    ready: 'bound to vfio-pci, ready for tests',
    free: `with the kernel (${controller.name ?? 'nvme'}), not in use${contents.length > 0 ? `; it holds ${contents.join(', ')}` : ''}`,
    unbound: 'bound to no driver',
    held: readiness.kind === 'held' ? `in use: ${readiness.by}` : '',
    closed: readiness.kind === 'closed' ? `${readiness.reason}, not usable yet` : '',
  }[readiness.kind];
  const obstacle = readiness.kind === 'held' ? undefined : obstacleOf(controller);
  return obstacle === undefined ? text : `${text}; ${obstacle}`;
}

/** What keeps VFIO from it, whoever has it. */
function obstacleOf(controller: NvmeController): string | undefined {
  if (controller.iommuGroup === undefined) return 'behind no IOMMU, so VFIO cannot have it';
  const others = groupHolders(controller).map(({ address, driver }) => `${address} (${driver})`);
  if (others.length === 0) return undefined;
  return `its IOMMU group ${controller.iommuGroup} also has ${others.join(', ')}, in use by their drivers`;
}
