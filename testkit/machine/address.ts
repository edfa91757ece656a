/** An address of a controller, understood. `text` is the form that names it everywhere: the same controller, the same text. */
export type ControllerAddress =
  | { readonly kind: 'emulated'; readonly text: string }
  | { readonly kind: 'pcie'; readonly text: string; readonly bdf: string; readonly spdk: boolean }
  | { readonly kind: 'vfio-user'; readonly text: string; readonly socket: string }
  | { readonly kind: 'tcp'; readonly text: string; readonly host: string; readonly port: number; readonly nqn: string };

/** Wrong words for a controller; the message is for the user. */
export class AddressError extends Error {
  override readonly name = 'AddressError';

  constructor(
    readonly code: 'BAD_ADDRESS' | 'NOT_SUPPORTED',
    message: string,
  ) {
    super(message);
  }
}

export const emulatedAddress = 'emulated';

const knownForms =
  "Known forms: 'emulated', 'emulated:<media file>?size=1G', '0000:3d:00.0', 'spdk:0000:3d:00.0', " +
  "'vfio-user:<socket>', 'tcp://<host>:4420/<subnqn>'";

const function_ = /^(?:([\da-f]{4}):)?([\da-f]{2}):([\da-f]{2})\.([0-7])$/i;
/** Of a UNIX socket's address, its closing zero included. */
const socketPathBytes = 108;
/** NVMe Base 2.0, "NVMe Qualified Names". */
const nqnBytes = 223;
const defaultPort = 4420;

/** The one place that reads an address. @throws AddressError `BAD_ADDRESS` naming the part it could not understand */
export function parseAddress(address: string): ControllerAddress {
  const text = address.trim();
  if (/^emulated($|[:?])/.test(text)) return { kind: 'emulated', text };
  if (function_.test(text)) return pcie(text, false);
  const [scheme] = /^[a-z][a-z-]*:/.exec(text) ?? [];
  const rest = text.slice(scheme?.length ?? 0);
  if (scheme === 'spdk:') return pcie(rest, true);
  if (scheme === 'vfio-user:') return vfioUser(rest);
  if (scheme === 'tcp:') return tcp(text);
  throw new AddressError('BAD_ADDRESS', `There is no controller "${text}". ${knownForms}.`);
}

/** @throws AddressError also for a controller named twice */
export function parseAddresses(addresses: readonly string[]): ControllerAddress[] {
  const parsed = addresses.map(parseAddress);
  const names = parsed.map((one) => (one.kind === 'pcie' ? one.bdf : one.text));
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice === undefined) return parsed;
  throw new AddressError('BAD_ADDRESS', `The controller ${twice} is named twice: each of a run must be another one.`);
}

function pcie(text: string, spdk: boolean): ControllerAddress {
  const [, domain = '0000', bus, device, fn] = function_.exec(text) ?? [];
  if (bus === undefined || Number.parseInt(device ?? '', 16) > 0x1f) {
    throw new AddressError(
      'BAD_ADDRESS',
      `"${text}" is no PCI function: it is written 0000:3d:00.0, domain:bus:device.function in hexadecimal, device at most 1f.`,
    );
  }
  const bdf = `${domain}:${bus}:${device}.${fn}`.toLowerCase();
  return { kind: 'pcie', text: spdk ? `spdk:${bdf}` : bdf, bdf, spdk };
}

function vfioUser(socket: string): ControllerAddress {
  const bytes = Buffer.byteLength(socket);
  if (bytes > 0 && bytes < socketPathBytes) return { kind: 'vfio-user', text: `vfio-user:${socket}`, socket };
  const fact = bytes === 0 ? 'names no socket' : `has a path of ${bytes} bytes, and a UNIX socket's has at most 107`;
  throw new AddressError('BAD_ADDRESS', `"vfio-user:${socket}" ${fact}. It is written vfio-user:/run/user/1000/nvme.`);
}

function tcp(text: string): ControllerAddress {
  const refuse = (fact: string) =>
    new AddressError('BAD_ADDRESS', `"${text}" ${fact}. It is written tcp://<host>:4420/<subnqn>.`);
  const [, bracketed, plain, portText, nqn = ''] =
    /^tcp:\/\/(?:\[([\da-f:.%\w]+)\]|([^:/[\]]+))(?::(\d+))?\/(.*)$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) throw refuse('has no host or no subsystem');
  const port = portText === undefined ? defaultPort : Number(portText);
  if (port < 1 || port > 65_535) throw refuse(`has the port ${portText}, and ports go from 1 to 65535`);
  if (!nqn.startsWith('nqn.'))
    throw refuse(`names the subsystem "${nqn}", and an NVMe Qualified Name begins with "nqn."`);
  if (Buffer.byteLength(nqn) > nqnBytes) throw refuse(`has an NVMe Qualified Name of more than ${nqnBytes} bytes`);
  const where = bracketed === undefined ? host : `[${host}]`;
  return { kind: 'tcp', text: `tcp://${where}:${port}/${nqn}`, host, port, nqn };
}

/** What each kind of address needs of the native driver, and what to do when it is not there. */
const platforms = {
  emulated: { any: ['emulated'], needs: 'the emulated SSD' },
  pcie: { any: ['vfio', 'spdk'], needs: 'VFIO (Linux) or SPDK' },
  'vfio-user': { any: ['vfio-user'], needs: 'the vfio-user client' },
  tcp: { any: ['tcp', 'spdk'], needs: 'SPDK, which brings NVMe over TCP: `doorbell doctor` says what is missing' },
} as const;

/** @throws AddressError `NOT_SUPPORTED` for an address whose platform the native driver was built without */
export function checkPlatform(address: ControllerAddress, built: readonly string[]): void {
  const forced = address.kind === 'pcie' && address.spdk;
  const { any, needs } = forced
    ? { any: ['spdk'], needs: 'SPDK: `doorbell doctor` says what is missing' }
    : platforms[address.kind];
  if (any.some((name) => built.includes(name))) return;
  throw new AddressError(
    'NOT_SUPPORTED',
    `The controller "${address.text}" needs a native driver built with ${needs}. This one has: ${built.join(', ')}.`,
  );
}

/** Whether what is written there may be somebody's data: a drive of this machine, or a subsystem of another one. */
export function isDrive({ kind }: ControllerAddress): boolean {
  return kind === 'pcie' || kind === 'tcp';
}
