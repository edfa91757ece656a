/** Between `client.ts` and `worker.ts`: one answer for each request, by number. */
import type { DiscoveredFile } from './types.ts';

export type DiscoveryRequest =
  | { readonly id: number; readonly kind: 'scan'; readonly root: string; readonly paths: readonly string[] }
  | {
      readonly id: number;
      readonly kind: 'parse';
      readonly root: string;
      readonly path: string;
      readonly text: string;
    };

export interface DiscoveryAnswer {
  readonly id: number;
  readonly files?: readonly DiscoveredFile[];
  /** The request failed as a whole. */
  readonly error?: string;
}
