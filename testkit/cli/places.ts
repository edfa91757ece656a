import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the command's parts and leavings are. This code runs as `dist/cli.cjs`. */
export const places = {
  host: join(__dirname, 'host.cjs'),
  discovery: join(__dirname, 'discovery.cjs'),
  /** What draws charts, for HTML reports. */
  charts: { script: join(__dirname, 'webviews', 'charts.js'), style: join(__dirname, 'webviews', 'charts.css') },
  package: join(__dirname, '..', 'package.json'),
  get logs(): string {
    return join(process.env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'doorbell');
  },
};
