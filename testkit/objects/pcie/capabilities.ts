import type { ConfigSpace } from './configSpace.ts';

/** One capability of the function. */
export interface Capability {
  /** Capability ID; of an extended one PCI Express Extended Capability ID. */
  readonly id: number;
  /** Its name where it is a known one, else `capability 2Ah`. */
  readonly name: string;
  /** Byte in configuration space. */
  readonly offset: number;
  /** Capability Version; 0 of a standard one, which has none. */
  readonly version: number;
}

const standardNames: Readonly<Record<number, string>> = {
  1: 'PCI Power Management Interface',
  5: 'MSI',
  9: 'Vendor Specific',
  16: 'PCI Express',
  17: 'MSI-X',
};

const extendedNames: Readonly<Record<number, string>> = {
  1: 'Advanced Error Reporting',
  2: 'Virtual Channel',
  3: 'Device Serial Number',
  4: 'Power Budgeting',
  11: 'Vendor-Specific Extended Capability',
  13: 'Access Control Services',
  14: 'Alternative Routing-ID Interpretation',
  16: 'Single Root I/O Virtualization',
  24: 'Latency Tolerance Reporting',
  25: 'Secondary PCI Express',
  30: 'L1 PM Substates',
  37: 'Data Link Feature',
  38: 'Physical Layer 16.0 GT/s',
  39: 'Lane Margining at the Receiver',
};

const statusOffset = 0x06;
const capabilitiesListBit = 0x10;
const pointerOffset = 0x34;
const extendedStart = 0x100;
/** More than fit into the space: a list that is longer goes in circles. */
const mostStandard = 48;
const mostExtended = 960;

function nameOf(names: Readonly<Record<number, string>>, id: number): string {
  return names[id] ?? `capability ${id.toString(16).toUpperCase().padStart(2, '0')}h`;
}

/** Follows the list of standard capabilities; ends at a broken link, or when it goes in circles. @internal */
export function standardCapabilities(config: ConfigSpace): Capability[] {
  if ((config.read16(statusOffset) & capabilitiesListBit) === 0) return [];
  const found: Capability[] = [];
  let offset = config.read8(pointerOffset) & ~3;
  while (offset >= 0x40 && found.length < mostStandard && !found.some((seen) => seen.offset === offset)) {
    const id = config.read8(offset);
    if (id === 0xff) break;
    found.push({ id, name: nameOf(standardNames, id), offset, version: 0 });
    offset = config.read8(offset + 1) & ~3;
  }
  return found;
}

/** The same from byte 100h on. An all-zero first header means that there is none. @internal */
export function extendedCapabilities(config: ConfigSpace): Capability[] {
  const found: Capability[] = [];
  let offset = extendedStart;
  while (offset >= extendedStart && found.length < mostExtended && !found.some((seen) => seen.offset === offset)) {
    const header = config.read32(offset);
    if (header === 0 || header === 0xffff_ffff) break;
    const id = header & 0xffff;
    found.push({ id, name: nameOf(extendedNames, id), offset, version: (header >>> 16) & 0xf });
    offset = (header >>> 20) & ~3;
  }
  return found;
}
