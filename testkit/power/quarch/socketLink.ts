import net from 'node:net';
import { answerTimeoutMs, type ModuleLink, noAnswer, prompt, unreachable } from './moduleLink.ts';

/** How command lines and answers lie in a TCP stream. */
export interface Framing {
  encode(line: string): Buffer;
  /** Text of all that came so far; undefined while a frame is incomplete. */
  decode(received: Buffer): string | undefined;
  /** The other side speaks first. */
  readonly welcome: boolean;
}

/** A module itself (port 9760): each packet behind its length, 16 bits, low byte first. */
export const moduleFraming: Framing = {
  welcome: false,
  encode(line) {
    const payload = Buffer.from(`${line}\r\n`, 'latin1');
    const length = Buffer.alloc(2);
    length.writeUInt16LE(payload.length);
    return Buffer.concat([length, payload]);
  },
  decode(received) {
    let text = '';
    for (let at = 0; at < received.length; ) {
      if (at + 2 > received.length) return undefined;
      const end = at + 2 + received.readUInt16LE(at);
      if (end > received.length) return undefined;
      text += received.toString('latin1', at + 2, end);
      at = end;
    }
    return text;
  },
};

/** The Quarch Instrument Server (port 9722): plain lines, after a line of welcome. */
export const serverFraming: Framing = {
  welcome: true,
  encode: (line) => Buffer.from(`${line}\r\n`, 'latin1'),
  decode: (received) => received.toString('latin1'),
};

/** One connection a command: a module serves one client at a time, and others of the lab want it too. */
export class SocketLink implements ModuleLink {
  readonly #name: string;

  constructor(
    private readonly host: string,
    private readonly tcpPort: number,
    private readonly framing: Framing,
  ) {
    this.#name = `${host}:${tcpPort}`;
  }

  async ask(command: string): Promise<string> {
    const socket = net.connect({ host: this.host, port: this.tcpPort });
    const timer = setTimeout(() => socket.destroy(noAnswer(this.#name, command)), answerTimeoutMs);
    try {
      return await this.#converse(socket, command);
    } catch (error) {
      throw error instanceof Error && 'syscall' in error ? unreachable(this.#name, error) : error;
    } finally {
      clearTimeout(timer);
      socket.destroy();
    }
  }

  async #converse(socket: net.Socket, command: string): Promise<string> {
    let received = Buffer.alloc(0);
    let welcomed = !this.framing.welcome;
    if (welcomed) socket.write(this.framing.encode(command));
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk as Buffer]);
      const text = this.framing.decode(received);
      if (!welcomed && text?.includes('\n')) {
        welcomed = true;
        received = Buffer.alloc(0);
        socket.write(this.framing.encode(command));
      } else if (welcomed && text?.endsWith(prompt)) {
        return text.slice(0, -prompt.length).trim();
      }
    }
    throw unreachable(this.#name, new Error(`it closed the connection before it answered "${command}"`));
  }
}
