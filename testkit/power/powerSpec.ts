/** The words of `doorbell.power` and `--power`: which power controller, and where it is. */

export type QuarchTransport = 'tcp' | 'rest' | 'qis' | 'serial';

export type PowerSpec =
  | { readonly kind: 'emulated' }
  /** Suspend to RAM. */
  | { readonly kind: 's3' }
  /** `name` in /sys/bus/pci/slots; undefined = the slot of the controller. */
  | { readonly kind: 'slot'; readonly name?: string }
  | QuarchSpec
  | CommandSpec;

export interface QuarchSpec {
  readonly kind: 'quarch';
  readonly transport: QuarchTransport;
  /** Host name or address; the device file with `serial`. */
  readonly target: string;
  /** TCP port. */
  readonly tcpPort: number;
  /** Name of the module as the QIS lists it. */
  readonly device?: string;
  /** Port of an array controller. */
  readonly port?: number;
}

export interface CommandSpec {
  readonly kind: 'command';
  readonly off: string;
  readonly on: string;
  /** Prints "on" or "off". */
  readonly state?: string;
}

export const powerForms = [
  'emulated',
  's3',
  'slot or slot:<name>',
  'quarch:tcp://<host>, quarch:rest://<host>, quarch:qis://<host>/<module>, quarch:serial:<device file> (each with ?port=<n> for an array controller)',
  'command:{"off":"<shell command>","on":"<shell command>","state":"<shell command that prints on or off>"}',
] as const;

/** @throws RangeError naming the fault and the forms there are */
export function parsePower(text: string): PowerSpec {
  const [kind = '', rest] = cut(text.trim(), ':');
  if (kind === 'emulated' || kind === 's3') {
    if (rest !== undefined) throw fault(text, `${kind} takes nothing behind it`);
    return { kind };
  }
  if (kind === 'slot') return slot(text, rest);
  if (kind === 'quarch') return quarch(text, rest ?? '');
  if (kind === 'command') return command(text, rest ?? '');
  throw fault(text, `there is no power controller "${kind}"`);
}

function slot(text: string, name: string | undefined): PowerSpec {
  if (name === undefined) return { kind: 'slot' };
  if (!/^[\w-]+$/.test(name)) throw fault(text, 'the name of a slot has letters, digits, - and _');
  return { kind: 'slot', name };
}

const defaultPorts: Readonly<Record<string, number>> = { tcp: 9760, rest: 80, qis: 9722 };

function quarch(text: string, rest: string): QuarchSpec {
  if (rest.startsWith('serial:')) return serial(text, rest.slice('serial:'.length));
  const url = urlOf(rest);
  const transport = url?.protocol.slice(0, -1) ?? '';
  const usual = defaultPorts[transport];
  if (!url?.hostname || usual === undefined) throw fault(text, 'quarch needs tcp://, rest://, qis:// or serial:');
  const device = decodeURIComponent(url.pathname.replace(/^\//, ''));
  if ((transport === 'qis') !== (device !== '')) {
    throw fault(text, transport === 'qis' ? 'qis needs the module behind the host' : 'only qis takes a module');
  }
  const port = arrayPort(text, url.searchParams);
  return {
    kind: 'quarch',
    transport: transport as QuarchTransport,
    target: url.hostname.replace(/^\[|\]$/g, ''),
    tcpPort: url.port === '' ? usual : Number(url.port),
    ...(device && { device }),
    ...(port !== undefined && { port }),
  };
}

function serial(text: string, rest: string): QuarchSpec {
  const [target = '', query] = cut(rest, '?');
  if (!target.startsWith('/dev/')) throw fault(text, 'serial needs a device file, as /dev/ttyUSB0');
  const port = arrayPort(text, new URLSearchParams(query ?? ''));
  return { kind: 'quarch', transport: 'serial', target, tcpPort: 0, ...(port !== undefined && { port }) };
}

function arrayPort(text: string, query: URLSearchParams): number | undefined {
  for (const name of query.keys()) if (name !== 'port') throw fault(text, `there is no option "${name}"`);
  const given = query.get('port');
  if (given === null) return undefined;
  const port = Number(given);
  if (!/^\d+$/.test(given) || port < 1 || port > 128) throw fault(text, 'port is a whole number of 1 to 128');
  return port;
}

function command(text: string, rest: string): CommandSpec {
  const given = jsonObject(text, rest);
  const known = ['off', 'on', 'state'];
  for (const [name, value] of Object.entries(given)) {
    if (!known.includes(name)) throw fault(text, `there is no "${name}"`);
    if (typeof value !== 'string' || value.trim() === '') throw fault(text, `"${name}" must be a shell command`);
  }
  const { off, on, state } = given as Record<string, string | undefined>;
  if (off === undefined || on === undefined) throw fault(text, 'both "off" and "on" are needed');
  return { kind: 'command', off, on, ...(state !== undefined && { state }) };
}

function jsonObject(text: string, json: string): object {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch (error) {
    throw fault(text, `behind command: stands JSON (${(error as Error).message})`);
  }
  throw fault(text, 'behind command: stands a JSON object');
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function cut(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

function fault(text: string, why: string): RangeError {
  return new RangeError(`"${text}" names no power controller: ${why}. There are:\n  ${powerForms.join('\n  ')}`);
}
