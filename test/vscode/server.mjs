// Starts the VS Code server on a free loopback port with a throw-away profile (0700) and a random connection token.
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installVsCode } from './install.mjs';

const quiet = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.enableExperiments': false,
  'workbench.tips.enabled': false,
  'chat.disableAIFeatures': true,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'security.workspace.trust.enabled': false,
  'window.confirmBeforeClose': 'never',
  'git.enabled': false,
  'npm.fetchOnlinePackageInfo': false,
  'typescript.disableAutomaticTypeAcquisition': true,
};

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
    probe.once('error', reject);
  });
}

/** Variables of a VS Code this may itself run in would reach the wrong one. */
const cleanEnvironment = () =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VSCODE_|ELECTRON_)|^PORT$/.test(name)));

function makeProfile(settings) {
  const profile = mkdtempSync(path.join(os.tmpdir(), 'doorbell-vscode-'));
  chmodSync(profile, 0o700);
  mkdirSync(path.join(profile, 'user/User'), { recursive: true });
  mkdirSync(path.join(profile, 'extensions'));
  writeFileSync(path.join(profile, 'user/User/settings.json'), JSON.stringify({ ...quiet, ...settings }));
  return profile;
}

const folders = (profile) =>
  [
    ['--server-data-dir', profile],
    ['--user-data-dir', path.join(profile, 'user')],
    ['--extensions-dir', path.join(profile, 'extensions')],
  ].flat();

/**
 * @param {{ vsix?: string, settings?: object, env?: object, testDriver?: boolean, port?: number }} options
 *   `testDriver`: obey `extensionTestsPath` in the address, as in-host suites need. It also hides notifications.
 */
export async function startServer({ vsix, settings = {}, env = {}, testDriver = false, port } = {}) {
  const { node, main } = installVsCode();
  const profile = makeProfile(settings);
  const token = randomBytes(16).toString('hex');
  const listen = port ?? (await freePort());
  const environment = { EXTENSIONS_GALLERY: '{}', ...cleanEnvironment(), ...env };
  if (vsix) {
    execFileSync(node, [main, ...folders(profile), '--accept-server-license-terms', '--install-extension', vsix], {
      env: environment,
    });
  }
  const child = spawn(
    node,
    [
      main,
      ...['--host', '127.0.0.1', '--port', `${listen}`, '--connection-token', token],
      ...['--accept-server-license-terms', '--disable-workspace-trust', '--telemetry-level', 'off'],
      ...(testDriver ? ['--enable-smoke-test-driver'] : []),
      ...folders(profile),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: environment, detached: true },
  );
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (log += text));
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const kill = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // Already gone.
    }
  };
  const killNow = () => {
    kill('SIGKILL');
    rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
  };
  process.once('exit', killNow);

  const origin = `http://127.0.0.1:${listen}`;
  const authority = `127.0.0.1:${listen}`;
  const deadline = Date.now() + 30_000;
  while (
    !(await fetch(`${origin}/version`).then(
      (answer) => answer.ok,
      () => false,
    ))
  ) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`The VS Code server did not start.\n${log}`);
    await sleep(50);
  }
  return {
    authority,
    profile,
    pid: child.pid,
    log: () => log,
    /** The workbench on `folder`. `payload`: pairs like ['extensionDevelopmentPath', uri], only with `testDriver`. */
    address(folder, payload = []) {
      const query = new URLSearchParams({ tkn: token, folder });
      if (payload.length > 0) query.set('payload', JSON.stringify(payload));
      return `${origin}/?${query}`;
    },
    uri: (file) => `vscode-remote://${authority}${file}`,
    async stop() {
      kill('SIGTERM');
      await Promise.race([exited, sleep(3000, undefined, { ref: false })]);
      killNow();
      process.off('exit', killNow);
    },
  };
}
