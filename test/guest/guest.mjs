// The addon over VFIO on QEMU's NVMe controller, in a Linux guest: what needs a PCI bus is tested here.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { tryTools } from '../tools/setup.mjs';
import { bootGuest } from './boot.mjs';
import { makeGuestImage } from './guestImage.mjs';
import { guestKernel } from './guestKernel.mjs';

/**
 * Not these: deleting a completion queue that does not exist, QEMU's controller says Completion Queue Invalid where NVMe Base 2.0, "Delete
 * I/O Completion Queue command", says Invalid Queue Identifier.
 */
const others = '^(?!deletion\\sof\\squeues)';
const tools = ['qemu', 'busybox', 'cpio', 'kmod'];
/** Of one guest; a second one may follow. */
const bootMs = 145_000;

/**
 * Runs test files on the guest's controller.
 * @returns {Promise<{ passed: number, failed: number, skipped: number }>}
 */
export async function runInGuest(tests, timeoutMs = bootMs) {
  const missing = tryTools(tools);
  if (missing.length > 0) return skipped(`sudo apt install ${missing.join(' ')}`);
  const kernel = guestKernel();
  if (kernel === undefined) return skipped('sudo apt update, so that apt knows linux-image-amd64');
  const work = mkdtempSync(path.join(tmpdir(), 'doorbell-guest-'));
  try {
    const share = path.join(work, 'share');
    mkdirSync(share);
    writeFileSync(path.join(share, 'tests'), tests.join(' '));
    writeFileSync(path.join(share, 'options'), `--grep ${others}`);
    const image = path.join(work, 'initrd.cpio');
    makeGuestImage(kernel, work, image);
    const { code, console: text } = await bootGuest({ kernel, image, work, share, timeoutMs });
    return countsOf(path.join(share, 'report.json'), code, text);
  } finally {
    rmSync(work, { recursive: true });
  }
}

function skipped(remedy) {
  console.log(`  - skipped: there is no guest on this machine: ${remedy}`);
  return { passed: 0, failed: 0, skipped: 1 };
}

function countsOf(report, code, text) {
  if (!existsSync(report)) {
    console.log(text);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const { summary, fileErrors, tests } = JSON.parse(readFileSync(report, 'utf8'));
  for (const { title, outcome } of tests) {
    const reason = outcome.state === 'skipped' ? ` (skipped: ${outcome.reason})` : '';
    console.log(`  ${{ passed: '✔', skipped: '-' }[outcome.state] ?? '✖'} ${title}${reason}`);
  }
  const failed = summary.failed + summary.errored + fileErrors.length;
  if (failed > 0 || code !== 0) console.log(text);
  return { passed: summary.passed, skipped: summary.skipped, failed: code !== 0 ? Math.max(1, failed) : failed };
}
