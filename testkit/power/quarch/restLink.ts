import http from 'node:http';
import { text } from 'node:stream/consumers';
import { answerTimeoutMs, type ModuleLink, noAnswer, unreachable } from './moduleLink.ts';

/** A module's HTTP interface: the command is the path, the body its answer. */
export class RestLink implements ModuleLink {
  readonly #name: string;

  constructor(
    private readonly host: string,
    private readonly tcpPort: number,
  ) {
    this.#name = `${host}:${tcpPort}`;
  }

  async ask(command: string): Promise<string> {
    const signal = AbortSignal.timeout(answerTimeoutMs);
    try {
      const response = await this.#get(command, signal);
      if (response.statusCode !== 200) throw new Error(`HTTP ${response.statusCode} to "${command}"`);
      return (await text(response)).replaceAll(/^[\s>]+|[\s>]+$/g, '');
    } catch (error) {
      throw signal.aborted ? noAnswer(this.#name, command) : unreachable(this.#name, error);
    }
  }

  /** By hand, not by URL: a question mark at the end is part of the command. */
  #get(command: string, signal: AbortSignal): Promise<http.IncomingMessage> {
    const path = `/${command.replaceAll(' ', '%20')}`;
    return new Promise((resolve, reject) => {
      http.get({ host: this.host, port: this.tcpPort, path, signal, agent: false }, resolve).once('error', reject);
    });
  }
}
