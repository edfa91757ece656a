import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Finding } from './finding.ts';

const askMs = 5000;

/** Asks pkg-config for SPDK's environment layer, as the build does. */
export async function spdkFinding(platforms: readonly string[]): Promise<Finding> {
  const id = 'spdk';
  const version = await spdkVersion();
  const isBuilt = platforms.includes('spdk');
  if (isBuilt) return { id, state: 'ok', text: `SPDK is in the native driver${version ? ` (found: ${version})` : ''}` };
  const without = 'PCIe goes through VFIO, NVMe over TCP needs SPDK';
  if (version !== undefined) {
    const advice = 'Build the native driver with it: npm run build:native in a clone.';
    return {
      id,
      state: 'note',
      text: `SPDK ${version} is installed, the native driver was built without it: ${without}`,
      advice,
    };
  }
  const advice = 'To use it, install SPDK as its documentation says, and name its pkg-config files in PKG_CONFIG_PATH.';
  return { id, state: 'note', text: `SPDK was not found (pkg-config spdk_env_dpdk): ${without}`, advice };
}

async function spdkVersion(): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('pkg-config', ['--modversion', 'spdk_env_dpdk'], { timeout: askMs });
    return stdout.trim();
  } catch {
    // No pkg-config, or no SPDK: the same to us.
    return undefined;
  }
}
