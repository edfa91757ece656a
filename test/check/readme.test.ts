import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readme } from '../tools/readme.mjs';

describe('README.md', () => {
  it('has the settings table of the manifest (npm run format writes it)', () => {
    const text = readFileSync('README.md', 'utf8');
    assert.match(text, /\| `doorbell\./);
    assert.equal(text, readme());
  });
});
