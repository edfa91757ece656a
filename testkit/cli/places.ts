import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the command's parts and leavings are. This code runs as `dist/cli.cjs`. */
export const places = {
  host: join(__dirname, 'host.cjs'),
  discovery: join(__dirname, 'discovery.cjs'),
  package: join(__dirname, '..', 'package.json'),
  get logs(): string {
    return join(process.env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'doorbell');
  },
};
