/**
 * A Quarch Torridon module, as far as vPower needs one: the commands its manual gives for power, on every way its public client
 * library reaches it (its own TCP framing, HTTP, QIS lines; a serial line's bytes).
 */
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';

export class Torridon {
  /** Every command line that came, in order. */
  readonly heard: string[] = [];
  plugged = true;
  /** An array controller: `<n>` behind a command is a port, and the answer begins with it. */
  readonly #ports: number;

  constructor(options: { readonly ports?: number } = {}) {
    this.#ports = options.ports ?? 0;
  }

  /** The answer to a command line. SCPI: words in any case. */
  answer(line: string): string {
    const [said, command = '', port] = /^(.*?)(?: <(\d+)>)?$/.exec(line.trim()) ?? [];
    this.heard.push(said ?? line);
    if (this.#ports === 0) return port === undefined ? this.#run(command) : 'FAIL: 0x36 -Unknown parameter';
    const known = port !== undefined && Number(port) >= 1 && Number(port) <= this.#ports;
    return known ? `${port}: ${this.#run(command)}` : 'FAIL: 0x42 -No module at that address';
  }

  #run(command: string): string {
    switch (command.toLowerCase()) {
      case 'run:power up':
        this.plugged = true;
        return 'OK';
      case 'run:power down':
        this.plugged = false;
        return 'OK';
      case 'run:power?':
        return this.plugged ? 'PLUGGED' : 'PULLED';
      default:
        return 'FAIL: 0x11 -Invalid command';
    }
  }
}

export interface Served extends AsyncDisposable {
  readonly port: number;
}

/** Port 9760 of a module: packets behind 16 bits of length. The answer comes in two packets, as long ones do. */
export function serveModule(module: Torridon): Promise<Served> {
  return listen((socket) => {
    let received = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16LE(0)) {
        const end = 2 + received.readUInt16LE(0);
        const answer = `${module.answer(received.toString('latin1', 2, end))}\r\n>`;
        received = received.subarray(end);
        for (const part of [answer.slice(0, 1), answer.slice(1)]) socket.write(packet(part));
      }
    });
  });
}

/** Port 9722 of the Quarch Instrument Server: lines that begin with a module's name. */
export function serveInstruments(modules: ReadonlyMap<string, Torridon>): Promise<Served> {
  return listen((socket) => {
    let text = '';
    socket.write('Welcome to QIS\r\n>');
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
        const [name = '', ...words] = text.slice(0, end).split(' ');
        text = text.slice(end + 2);
        const found = modules.get(name);
        socket.write(`${found ? found.answer(words.join(' ')) : 'FAIL: Module not found'}\r\n>`);
      }
    });
  });
}

/** Port 80 of a module: the command is the path. */
export async function serveHttp(module: Torridon): Promise<Served> {
  const server = http.createServer((request, response) => {
    response.end(`${module.answer(decodeURI(request.url ?? '').slice(1))}\r\n>`);
  });
  return served(server);
}

async function listen(handler: (socket: net.Socket) => void): Promise<Served> {
  return served(
    net.createServer((socket) => {
      socket.on('error', () => socket.destroy());
      handler(socket);
    }),
  );
}

async function served(server: net.Server): Promise<Served> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

function packet(text: string): Buffer {
  const payload = Buffer.from(text, 'latin1');
  const length = Buffer.alloc(2);
  length.writeUInt16LE(payload.length);
  return Buffer.concat([length, payload]);
}
