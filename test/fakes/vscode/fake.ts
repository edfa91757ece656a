import type { FakeTestController } from './testing.ts';

export interface Shown {
  readonly kind: 'info' | 'warning' | 'error';
  readonly message: string;
  readonly modal: boolean;
  readonly items: readonly string[];
  /** Of a modal dialog. */
  readonly detail?: string;
}

type Run = (...args: never[]) => unknown;

/** What the extension did, and what the "user" will answer. `reset` between tests. */
class Fake {
  tests = { controllers: [] as FakeTestController[], mutations: [] as string[] };
  commands = new Map<string, Run>();
  executed: { command: string; args: unknown[] }[] = [];
  context = new Map<string, unknown>();
  settings = new Map<string, unknown>();
  shown: Shown[] = [];
  /** Answers to messages and dialogs, in order; undefined = dismissed. */
  answers: unknown[] = [];
  /** Rows of pickers. */
  offered: unknown[] = [];
  /** Settings written, `name = value`. */
  updated: string[] = [];
  /** Progress that was reported this often is cancelled. */
  cancelAfterReports = Number.POSITIVE_INFINITY;
  /** Live registrations by kind; each disposal removes one. */
  live = new Map<string, number>();
  providers = new Map<string, unknown>();
  log: string[] = [];
  clipboard = '';
  opened: string[] = [];
  folders: { uri: import('./core.ts').Uri; name: string; index: number }[] = [];
  /** Files `findFiles` returns. */
  found: import('./core.ts').Uri[] = [];

  hold(kind: string): { dispose(): void } {
    this.live.set(kind, (this.live.get(kind) ?? 0) + 1);
    let once = true;
    return {
      dispose: () => {
        if (once) this.live.set(kind, (this.live.get(kind) ?? 0) - 1);
        once = false;
      },
    };
  }

  alive(): string[] {
    return [...this.live].filter(([, count]) => count > 0).map(([kind, count]) => `${kind} x${count}`);
  }

  reset(): void {
    Object.assign(this, new Fake());
  }
}

export const fake = new Fake();
