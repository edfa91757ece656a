import assert from 'node:assert/strict';
import { doctorHtml, summary } from '../../../extension/doctor/doctorHtml.ts';
import { DoctorView } from '../../../extension/doctor/doctorView.ts';
import type { Finding } from '../../../testkit/machine/doctor/finding.ts';
import type { FakeWebviewPanel } from '../../fakes/vscode/ui.ts';
import { commands, fake } from '../../fakes/vscode.ts';
import { FakeWorkspace, fakeMemory } from './support.ts';

const vfio: Finding = {
  id: 'vfio',
  state: 'note',
  text: 'vfio-pci is not loaded',
  fix: { command: 'sudo modprobe vfio-pci', undo: 'sudo modprobe -r vfio-pci' },
};
const loaded: Finding = { id: 'vfio', state: 'ok', text: 'vfio-pci is there' };
const drive: Finding = {
  id: 'controller 0000:3d:00.0',
  state: 'ok',
  text: '0000:3d:00.0: ready',
  undo: 'sudo doorbell unbind 0000:3d:00.0',
};

describe('the doctor’s page', () => {
  it('shows each finding with its command in full, and runs no script', () => {
    const html = doctorHtml({ findings: [vfio, drive], undo: {}, nonce: 'n' });
    assert.match(html, /content="default-src 'none'; style-src 'nonce-n'"/);
    assert.doesNotMatch(html, /<script/);
    assert.match(html, /<code>sudo modprobe vfio-pci<\/code>/);
    assert.match(html, /href="command:doorbell\.runFix\?%5B%22vfio%22%2C%22fix%22%5D"/);
    assert.match(html, /It can be undone afterwards: <code>sudo modprobe -r vfio-pci/);
    assert.match(html, /<p>Vfio-pci is not loaded<\/p>|<p>vfio-pci is not loaded<\/p>/);
    assert.ok(html.indexOf('NVMe controllers') < html.indexOf('This machine'));
    assert.match(html, /aria-label="note"[\s\S]*aria-label="note"|aria-label="good"/);
  });

  it('takes words of a machine for words', () => {
    const html = doctorHtml({ findings: [{ id: 'x"><', state: 'fault', text: '<img src=x>' }], undo: {}, nonce: 'n' });
    assert.doesNotMatch(html, /<img/);
  });

  it('says first whether tests can run, and on what', () => {
    assert.equal(summary([vfio]), 'Tests run here on the emulated SSD. No drive is ready for tests.');
    assert.equal(summary([vfio, drive]), 'Tests run here on the emulated SSD. Drives ready for tests: 1.');
    assert.match(summary([{ ...vfio, state: 'fault' }]), /cannot run/);
  });
});

describe('the doctor', () => {
  const setUp = (...answers: (readonly Finding[] | Error)[]) => {
    new FakeWorkspace();
    const ran: string[] = [];
    const shell = { succeeds: true };
    const failures: string[] = [];
    const memory = fakeMemory();
    const view = new DoctorView({
      ask: async () => {
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        if (answer instanceof Error) throw answer;
        return answer ?? [];
      },
      runShell: async (_, command) => {
        ran.push(command);
        return shell.succeeds;
      },
      memory,
      failed: (what, error) => void failures.push(`${what}: ${(error as Error).message}`),
    });
    const panel = () => fake.providers.get('panel doorbell.doctorPage') as FakeWebviewPanel;
    return { view, ran, shell, failures, memory, panel, html: () => panel().webview.html };
  };

  it('opens one page, and looks again when asked', async () => {
    const { view, panel, html } = setUp([vfio], [loaded]);
    const shown = view.show();
    assert.match(html(), /Looking at this machine/);
    await shown;
    assert.match(html(), /not loaded/);
    await commands.executeCommand('doorbell.doctor');
    assert.equal(panel().revealed, 1);
    assert.match(html(), /is there/);
    view.dispose();
    assert.deepEqual(fake.alive(), []);
  });

  it('runs a command that was clicked, remembers the way back, and offers it', async () => {
    const { view, ran, html, memory } = setUp([vfio], [loaded], [vfio]);
    await view.show();
    await commands.executeCommand('doorbell.runFix', 'vfio', 'fix');
    assert.deepEqual(ran, ['sudo modprobe vfio-pci']);
    assert.match(html(), /To undo it:[\s\S]*<code>sudo modprobe -r vfio-pci<\/code>[\s\S]*Undo in Terminal/);
    await commands.executeCommand('doorbell.runFix', 'vfio', 'undo');
    assert.deepEqual(ran, ['sudo modprobe vfio-pci', 'sudo modprobe -r vfio-pci']);
    assert.deepEqual(memory.kept.get('doorbell.doctorUndo'), {});
    assert.match(html(), /Run in Terminal/);
    view.dispose();
  });

  it('has nothing to undo after a command that failed', async () => {
    const { view, shell, memory } = setUp([vfio]);
    await view.show();
    shell.succeeds = false;
    await commands.executeCommand('doorbell.runFix', 'vfio', 'fix');
    assert.deepEqual(memory.kept.get('doorbell.doctorUndo') ?? {}, {});
    view.dispose();
  });

  it('runs and copies only what it found itself', async () => {
    const { view, ran, failures } = setUp([vfio, drive]);
    await view.show();
    await commands.executeCommand('doorbell.runFix', 'rm -rf /', 'fix');
    await commands.executeCommand('doorbell.runFix', drive.id, 'fix');
    assert.deepEqual(ran, []);
    assert.equal(failures.length, 2);
    await commands.executeCommand('doorbell.copyFix', drive.id, 'undo');
    assert.equal(fake.clipboard, drive.undo);
    view.dispose();
  });

  it('says why it could not look', async () => {
    const { view, html } = setUp(new Error('no such <file>'));
    await view.show();
    assert.match(html(), /class="lead fault">no such &#60;file&#62;</);
    assert.match(html(), /Show Log/);
    view.dispose();
  });
});
