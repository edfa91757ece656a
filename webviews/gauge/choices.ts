import type { FromGauge } from '../protocol.ts';

interface WebviewApi {
  postMessage(message: FromGauge): void;
  getState(): unknown;
  setState(state: Choices): void;
}

declare function acquireVsCodeApi(): WebviewApi;

/** What the user chose; kept while the view is hidden. */
export interface Choices {
  /** End of the shown window while paused, Unix ms. */
  readonly pausedAtMs?: number;
  /** Controllers taken out of the picture. */
  readonly hidden: readonly string[];
}

const api = acquireVsCodeApi();

export function post(message: FromGauge): void {
  api.postMessage(message);
}

export function loadChoices(): Choices {
  const state = api.getState();
  if (typeof state !== 'object' || state === null) return { hidden: [] };
  const { pausedAtMs, hidden } = state as Partial<Record<keyof Choices, unknown>>;
  return {
    ...(typeof pausedAtMs === 'number' && { pausedAtMs }),
    hidden: Array.isArray(hidden) ? hidden.filter((name) => typeof name === 'string') : [],
  };
}

export function saveChoices(choices: Choices): void {
  api.setState(choices);
}
