import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A throw-away folder with files. */
export class Workspace {
  readonly root = mkdtempSync(path.join(tmpdir(), 'doorbell-test-'));

  constructor(files: Readonly<Record<string, string>> = {}) {
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  path(name: string): string {
    return path.join(this.root, name);
  }

  write(name: string, text: string): string {
    const file = this.path(name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  dispose(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** A test file's head, so that examples stay short. */
export const imports = "import { DmaBuffer, expect, test } from '@doorbell/testkit';\n";
