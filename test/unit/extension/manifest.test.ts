import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from '../../../extension/commands.ts';
import { ContextKey } from '../../../extension/contextKeys.ts';
import { SettingDefaults } from '../../../extension/settings.ts';
import { CmdlogLanguage, CustomEditor, View } from '../../../extension/views.ts';

interface Entry {
  command?: string;
  when?: string;
  title?: string;
  icon?: string;
  category?: string;
}

interface Property {
  default: unknown;
  scope?: string;
  markdownDescription?: string;
}

interface Step {
  completionEvents: string[];
  media: { markdown: string };
  description: string;
}

const root = path.resolve('.');
const text = readFileSync('package.json', 'utf8');
const manifest = JSON.parse(text);
const strings: Record<string, string> = JSON.parse(readFileSync('package.nls.json', 'utf8'));
const { contributes } = manifest;
const commands: Entry[] = contributes.commands;
const entries: Entry[] = Object.values(contributes.menus).flat() as Entry[];
const properties: Record<string, Property> = contributes.configuration.properties;
const sorted = (list: Iterable<string>) => [...list].sort();

describe('the manifest', () => {
  it('declares every command of the code, and no other', () => {
    assert.deepEqual(sorted(commands.map(({ command }) => command ?? '')), sorted(Object.values(Command)));
  });

  it('declares every setting of the code with the same default, and no other', () => {
    const declared = Object.fromEntries(Object.entries(properties).map(([key, { default: value }]) => [key, value]));
    const coded = Object.fromEntries(Object.entries(SettingDefaults).map(([key, value]) => [`doorbell.${key}`, value]));
    assert.deepEqual(declared, coded);
  });

  it('lets no workspace choose native code, and describes and scopes every setting', () => {
    assert.equal(properties['doorbell.addonPath']?.scope, 'machine');
    assert.equal(properties['doorbell.controller']?.scope, 'machine-overridable');
    for (const [key, { scope, markdownDescription }] of Object.entries(properties))
      assert.ok(scope && markdownDescription, key);
  });

  it('declares every view of the code, and no other', () => {
    const views = Object.values(contributes.views).flat() as { id: string; icon?: string; when?: string }[];
    assert.deepEqual(sorted(views.map(({ id }) => id)), sorted(Object.values(View)));
    for (const view of views) assert.ok(view.icon && view.when, view.id);
    assert.equal(contributes.languages[0].id, CmdlogLanguage);
    assert.equal(contributes.views.test[0].id, View.queues, 'QPairs is in the built-in Testing view');
  });

  it('declares every custom editor of the code, and no other', () => {
    const editors = contributes.customEditors as { viewType: string }[];
    assert.deepEqual(sorted(editors.map(({ viewType }) => viewType)), sorted(Object.values(CustomEditor)));
  });

  it('has every string in package.nls.json, and nothing there that is not used', () => {
    const used = [...text.matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key ?? '');
    assert.deepEqual(sorted(new Set(used)), sorted(Object.keys(strings)));
    for (const [key, value] of Object.entries(strings)) assert.ok(value.trim(), key);
    const bare = commands.filter(({ title, category }) => !title?.startsWith('%') || !category?.startsWith('%'));
    assert.deepEqual(bare, []);
  });

  it('says when for every menu entry, of commands and context keys that exist', () => {
    const ids = new Set<string>(Object.values(Command));
    const keys = new Set<string>(Object.values(ContextKey));
    for (const { command, when } of entries) {
      assert.ok(ids.has(command ?? ''), command);
      assert.ok(when, `${command} has no when`);
      for (const [key] of when.matchAll(/doorbell\.(active|host\w*|has\w*)\b/g)) assert.ok(keys.has(key), key);
    }
    const palette = new Set((contributes.menus.commandPalette as Entry[]).map(({ command }) => command));
    assert.deepEqual(sorted(palette as Iterable<string>), sorted(ids), 'every command says when the palette shows it');
  });

  it('has at most two inline actions for a row, and icons of the product only', () => {
    const inline = (contributes.menus['view/item/context'] as (Entry & { group?: string })[]).filter(({ group }) =>
      group?.startsWith('inline'),
    );
    for (const when of new Set(inline.map((entry) => entry.when))) {
      assert.ok(inline.filter((entry) => entry.when === when).length <= 2, when);
    }
    for (const { icon, command } of commands) assert.match(icon ?? '', /^\$\([a-z-]+\)$/, command);
  });

  it('writes titles in title case, verb first, without the category', () => {
    for (const { title } of commands) {
      const said = strings[title?.slice(1, -1) ?? ''] ?? '';
      assert.doesNotMatch(said, /NVMe|vPower|vTracer|Doorbell/);
      for (const word of said.split(' ')) assert.match(word, /^([A-Z]|or$|to$|the$|of$)/, said);
    }
  });

  it('activates for our test files only; views and commands activate by themselves', () => {
    assert.deepEqual(manifest.activationEvents, ['workspaceContains:**/*.nvme.ts']);
    assert.deepEqual(manifest.extensionKind, ['workspace']);
    assert.equal(manifest.capabilities.untrustedWorkspaces.supported, false);
    assert.equal(manifest.capabilities.virtualWorkspaces.supported, false);
  });

  it('has a walkthrough of five steps, each with an event that completes it and commands that exist', () => {
    const steps: Step[] = contributes.walkthroughs[0].steps;
    assert.equal(steps.length, 5);
    for (const step of steps) {
      assert.equal(step.completionEvents.length, 1);
      const said = strings[step.description.slice(1, -1)] ?? '';
      const ours = [...said.matchAll(/command:(doorbell\.[\w.]+)/g)].map(([, id]) => id ?? '');
      const known = [...Object.values(Command), ...Object.values(View).map((id) => `${id}.focus`)] as string[];
      for (const id of ours) assert.ok(known.includes(id), id);
    }
  });

  it('names only files that are there', () => {
    const files = [
      ...contributes.languages.map(({ configuration }: { configuration: string }) => configuration),
      ...contributes.grammars.map(({ path: file }: { path: string }) => file),
      ...contributes.walkthroughs[0].steps.map(({ media }: Step) => media.markdown),
      ...(manifest.icon ? [manifest.icon] : []),
    ];
    for (const file of files) assert.ok(existsSync(path.join(root, file)), `${file} is missing`);
  });
});

describe('the code of the extension', () => {
  const sources = readdirSync('extension', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file, source: readFileSync(path.join('extension', file), 'utf8') }));

  it('writes command ids only in commands.ts, and reads settings only in settings.ts', () => {
    const ids = Object.values(Command).map((id) => `'${id}'`);
    for (const { file, source } of sources) {
      if (file !== 'commands.ts') for (const id of ids) assert.ok(!source.includes(id), `${file} writes ${id}`);
      if (file !== 'settings.ts') assert.doesNotMatch(source, /getConfiguration\((?!'testing')/, file);
    }
  });

  it('touches the disk only without waiting for it', () => {
    for (const { file, source } of sources) assert.doesNotMatch(source, /\b\w+Sync\(|from 'node:fs'/, file);
  });

  it('has small files', () => {
    for (const { file, source } of sources)
      assert.ok(source.split('\n').length <= 201, `${file} has more than 200 lines`);
  });
});
