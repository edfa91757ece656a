import { type BirpcReturn, type ChannelOptions, createBirpc, type EventOptions } from 'birpc';

/** An error as it crosses a process border: structured clone would drop `code`. */
interface WireError {
  readonly wireError: true;
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
}

interface Answer {
  e?: unknown;
}

/** An error that came from the other process; `code` is stable, `message` is for a person. */
export class RemoteError extends Error {
  constructor(
    override readonly name: string,
    message: string,
    readonly code: string | undefined,
    readonly remoteStack: string | undefined,
  ) {
    super(message);
  }
}

function isWireError(value: unknown): value is WireError {
  return typeof value === 'object' && value !== null && 'wireError' in value;
}

/** Replaces an answer's error by plain data. */
export function packErrors(message: unknown): unknown {
  const error = (message as Answer).e;
  if (!(error instanceof Error)) return message;
  const { name, message: text, stack, code } = error as Error & { code?: string };
  const packed: WireError = { wireError: true, name, message: text, ...(code && { code }), ...(stack && { stack }) };
  return { ...(message as object), e: packed };
}

export function unpackErrors(message: unknown): unknown {
  const error = (message as Answer).e;
  if (!isWireError(error)) return message;
  return { ...(message as object), e: new RemoteError(error.name, error.message, error.code, error.stack) };
}

export type Peer<Calls extends object> = BirpcReturn<Calls, object, false>;

export interface PeerOptions {
  readonly post: (message: unknown) => void;
  readonly on: (receive: (message: unknown) => void) => void;
  /** Milliseconds a call may take; -1 = as long as the process lives. */
  readonly timeoutMs: number;
}

/** One end of a channel: answers calls with `functions`, calls the other end through `$call` and `$callEvent`. */
export function createPeer<Calls extends object>(functions: object, options: PeerOptions): Peer<Calls> {
  const channel: ChannelOptions = {
    post: options.post,
    on: options.on,
    serialize: packErrors,
    deserialize: unpackErrors,
  };
  const events: EventOptions<Calls, object, false> = { timeout: options.timeoutMs, proxify: false };
  return createBirpc<Calls, object, false>(functions, { ...channel, ...events });
}
