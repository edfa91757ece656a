import type { FromTrace, TraceStretch } from '../protocol.ts';

interface WebviewApi {
  postMessage(message: FromTrace): void;
  getState(): unknown;
  setState(state: TraceState): void;
}

declare function acquireVsCodeApi(): WebviewApi;

/** What stays while the editor is hidden. */
export interface TraceState {
  readonly stretch?: TraceStretch;
}

const api = acquireVsCodeApi();

export function post(message: FromTrace): void {
  api.postMessage(message);
}

export function loadState(): TraceState {
  const { stretch } = (api.getState() ?? {}) as { stretch?: Partial<Record<keyof TraceStretch, unknown>> };
  const edges = [stretch?.fromNs, stretch?.toNs, stretch?.fromLba, stretch?.toLba];
  return edges.every((edge) => typeof edge === 'number') ? { stretch: stretch as TraceStretch } : {};
}

export function saveState(state: TraceState): void {
  api.setState(state);
}
