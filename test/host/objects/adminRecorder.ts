import { TunnelCommands } from '../../../testkit/objects/admin/tunnelCommands.ts';
import type { Command } from '../../../testkit/objects/command.ts';
import { Cqe } from '../../../testkit/objects/cqe.ts';
import type { DmaBuffer } from '../../../testkit/objects/dmaBuffer.ts';
import { IdentifyController } from '../../../testkit/objects/identify.ts';
import type { Qpair } from '../../../testkit/objects/qpair.ts';
import type { RawOptions } from '../../../testkit/objects/qpairOptions.ts';
import type { SqeFields } from '../../../testkit/objects/sqe.ts';

export interface Sent extends SqeFields {
  readonly data: Uint8Array | undefined;
  readonly length: number | undefined;
}

/** The verbs over a queue that answers from a script: what they send, and what they make of the answers. */
export class AdminRecorder extends TunnelCommands {
  readonly sent: Sent[] = [];
  refreshed = 0;
  identifyData = new IdentifyController(new Uint8Array(4096));
  maxTransferBytes = 65_536;
  /** What the device writes, per command. */
  answer: (sqe: SqeFields) => Uint8Array | undefined = () => undefined;
  dw0 = 0;

  isChanged = false;
  changed(): void {
    this.isChanged = true;
  }
  async refreshNamespaces(): Promise<void> {
    this.refreshed += 1;
  }

  readonly adminQpair = {
    send: (sqe: SqeFields, buffer?: DmaBuffer, options?: RawOptions): Command => {
      const given = Object.entries(sqe).filter(([, value]) => value !== 0);
      const length = options?.length;
      this.sent.push({
        ...(Object.fromEntries(given) as unknown as SqeFields),
        data: buffer?.slice(0, length),
        length,
      });
      const bytes = this.answer(sqe);
      if (bytes && buffer) buffer.write(bytes.subarray(0, buffer.size));
      return Promise.resolve(cqeOf(this.dw0)) as unknown as Command;
    },
  } as unknown as Qpair;

  get last(): Partial<SqeFields> {
    const { data: _data, length: _length, ...fields } = this.sent.at(-1) ?? ({} as Sent);
    return fields;
  }
}

function cqeOf(dw0: number): Cqe {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(0, dw0, true);
  return Cqe.logged(bytes, { sequence: 1n, latencyNs: 0n });
}
