import assert from 'node:assert/strict';
import { checkApiDocs } from '../docs/apiDocs.mjs';

describe('the public interface', () => {
  it('is documented, every name of it (npm run docs makes the site)', async function () {
    // Packages may have to be installed first.
    this.timeout(120_000);
    assert.deepEqual(await checkApiDocs(), []);
  });
});
