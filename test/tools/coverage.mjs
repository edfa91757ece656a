// The emulated SSD's coverage tables as a document: `node test/tools/coverage.mjs` writes it (so does `npm run format`).
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { bundle, temporaryFolder } from './bundle.mjs';

const [built] = await bundle(['test/tools/coverageText.ts'], { outdir: temporaryFolder() });
const { coverageFile, coverageText } = createRequire(import.meta.url)(built);
writeFileSync(coverageFile, coverageText());
