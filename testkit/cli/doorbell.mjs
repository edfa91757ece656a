#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../../dist/cli.cjs', import.meta.url));
if (existsSync(cli)) {
  createRequire(import.meta.url)(cli);
} else {
  console.error(`doorbell: ${cli} is not there. Build it first: npm run build`);
  process.exitCode = 3;
}
