import type { Fields } from './fields.ts';
import { IdentifyNamespace } from './identify.ts';
import { Namespace, type NamespaceController } from './namespace.ts';

/** Identify, as far as it is needed here. */
interface Identifying {
  identifyStructure(options: { readonly cns: number; readonly nsid: number }): Promise<Fields>;
}

interface Found {
  readonly nsid: number;
  readonly identify: Uint8Array;
}

/** The active namespaces of a controller: one object for each as long as it stays active. @internal */
export class NamespaceTable {
  readonly #controller: NamespaceController;
  readonly #namespaces = new Map<number, Namespace>();

  constructor(controller: NamespaceController) {
    this.#controller = controller;
  }

  get all(): readonly Namespace[] {
    return [...this.#namespaces.values()];
  }

  /** @throws RangeError when there is none of that id */
  get(nsid: number): Namespace {
    const found = this.#namespaces.get(nsid);
    if (found !== undefined) return found;
    const known = [...this.#namespaces.keys()].join(', ') || 'none';
    throw new RangeError(`${this.#controller.address} has no active namespace ${nsid}; active: ${known}`);
  }

  /** Asks the device which are active. */
  async refresh(device: Identifying): Promise<void> {
    const found: Found[] = [];
    for (const nsid of await activeNsids(device)) {
      found.push({ nsid, identify: (await device.identifyStructure({ cns: 0x00, nsid })).bytes });
    }
    this.take(found);
  }

  /** What the device says is active, all of it. */
  take(found: readonly Found[]): void {
    const nsids = new Set(found.map(({ nsid }) => nsid));
    for (const nsid of this.#namespaces.keys()) if (!nsids.has(nsid)) this.#namespaces.delete(nsid);
    for (const { nsid, identify } of found) {
      const data = new IdentifyNamespace(identify);
      const known = this.#namespaces.get(nsid);
      if (known === undefined) this.#namespaces.set(nsid, new Namespace(this.#controller, nsid, data));
      else known.takeIdentify(data);
    }
  }
}

/** Active Namespace ID list (CNS 02h): 1,024 identifiers above the one asked for. */
async function activeNsids(device: Identifying): Promise<number[]> {
  const nsids: number[] = [];
  for (let isMore = true; isMore; ) {
    const list = await device.identifyStructure({ cns: 0x02, nsid: nsids.at(-1) ?? 0 });
    const page = Array.from({ length: 1024 }, (_, index) => list.u(index * 4 + 3, index * 4)).filter((id) => id > 0);
    nsids.push(...page);
    isMore = page.length === 1024;
  }
  return nsids;
}
