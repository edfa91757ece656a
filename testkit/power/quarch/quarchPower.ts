import { type PowerController, PowerError, type PowerFacts, type PowerState } from '../powerController.ts';
import type { QuarchSpec } from '../powerSpec.ts';
import type { ModuleLink } from './moduleLink.ts';
import { RestLink } from './restLink.ts';
import { SerialLink } from './serialLink.ts';
import { moduleFraming, SocketLink, serverFraming } from './socketLink.ts';

/** What `run:power?` may say: a module speaks of its drive as of a card in a slot. */
const states: Readonly<Record<string, PowerState>> = { PLUGGED: 'on', PULLED: 'off' };

/** A Quarch Torridon module between the drive and its slot: it cuts the pins while commands are in flight. */
export class QuarchPower implements PowerController {
  readonly #link: ModuleLink;

  constructor(private readonly spec: QuarchSpec) {
    this.#link = linkOf(spec);
  }

  describe(): PowerFacts {
    const { target, device, port } = this.spec;
    const name = ['Quarch', device, target, port !== undefined && `port ${port}`].filter(Boolean).join(' ');
    return { kind: 'quarch', name, midIo: true };
  }

  async state(): Promise<PowerState> {
    return states[(await this.#ask('run:power?')).toUpperCase()] ?? 'unknown';
  }

  async off(): Promise<void> {
    await this.#order('run:power down');
  }

  async on(): Promise<void> {
    await this.#order('run:power up');
  }

  async #order(command: string): Promise<void> {
    const answer = await this.#ask(command);
    if (answer.toUpperCase().startsWith('OK')) return;
    throw new PowerError('FAILED', `${this.describe().name} answered "${command}" with "${answer}"`);
  }

  /** The QIS wants the module's name before a command; an array controller its port behind it, and answers with `1:`. */
  async #ask(command: string): Promise<string> {
    const { device, port } = this.spec;
    const addressed = port === undefined ? command : `${command} <${port}>`;
    const answer = await this.#link.ask(device === undefined ? addressed : `${device} ${addressed}`);
    return port === undefined ? answer : answer.replace(/^[\d.]+:\s*/, '');
  }
}

function linkOf({ transport, target, tcpPort }: QuarchSpec): ModuleLink {
  if (transport === 'serial') return new SerialLink(target);
  if (transport === 'rest') return new RestLink(target, tcpPort);
  return new SocketLink(target, tcpPort, transport === 'qis' ? serverFraming : moduleFraming);
}
