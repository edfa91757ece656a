import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { Controller } from '../../../../testkit/objects/controller.ts';
import { DmaBuffer } from '../../../../testkit/objects/dmaBuffer.ts';
import { PrpList } from '../../../../testkit/objects/meta/prpList.ts';
import { openSsd } from '../support.ts';
import { publicClasses, publicMethods } from './publicMethods.ts';
import type { Row } from './rows.ts';
import { closedSubjects, openSubjects, type Subjects } from './subjects.ts';
import { table } from './table.ts';

/** Classes whose methods are those of another row: promises, and structures that only name fields. */
const asOthers =
  /^(Command|Thread)$|Error$|^(Identify|Smart|Sanitize|SelfTest|FirmwareSlot|Changed|Reservation|ZoneDescriptor|ZonedNamespace)\w*$/;
/** What the engine says of a value it cannot work with tells an author nothing. */
const engineWords =
  /^Cannot |is not a function|is not iterable|reading '|of (null|undefined)\b|Invalid (argument|array)/;
const statics: Readonly<Record<string, object>> = { 'Controller.open': Controller, 'PrpList.pagesOf': PrpList };

/** What was accepted may wait for the device: nobody waits for that. */
async function bounded(result: unknown): Promise<void> {
  const patience = new Promise((resolve) => setTimeout(resolve, 200).unref());
  await Promise.race([result, patience]);
}

describe('bad input', () => {
  let subjects: Subjects;
  let closed: Subjects;
  let rows: Record<string, Row>;
  let foreign: Controller;

  before(async () => {
    subjects = await openSubjects();
    closed = await closedSubjects();
    foreign = await openSsd(73);
    const placed = { buffer: new DmaBuffer(4096), qpair: subjects.Qpair ?? {}, foreign: await foreign.createQpair() };
    rows = table(placed);
  });
  after(async () => {
    await (subjects.Controller as Controller).close();
    await foreign.close();
  });

  /** The error of a call; undefined when there was none. */
  const call = async (name: string, from: Subjects, args: readonly unknown[]): Promise<unknown> => {
    const [type = '', member = ''] = name.split('.');
    const target = (statics[name] ?? from[type]) as Record<string, unknown>;
    try {
      if (member.endsWith(' =')) Reflect.set(target, member.slice(0, -2), args[0]);
      else await bounded((target[member] as (...given: unknown[]) => unknown).apply(target, [...args]));
      return undefined;
    } catch (error) {
      return error;
    }
  };

  it('has a row for every public method, and no others', () => {
    const methods = publicClasses()
      .filter((name) => !asOthers.test(name))
      .flatMap((name) => publicMethods(name))
      .filter((name) => !/Log|Pages|Telemetry/.test(name.split('.')[0] ?? '') || !/\.(u|big|ascii|bit)$/.test(name));
    const own = methods.filter(
      (name) => !/^(CommandEffects|FeatureEffects)/.test(name) || !/\.(u|big|ascii|bit)$/.test(name),
    );
    // `Timeouts` and `EnableSteps` are reached through the controller.
    assert.deepEqual([...new Set(own)].filter((name) => !(name in rows)).sort(), []);
    assert.deepEqual(
      Object.keys(rows)
        .filter((name) => !own.includes(name))
        .sort(),
      [],
    );
  });

  it('of every argument is refused with its name, by TypeError or RangeError, before anything is sent', async () => {
    const accepted: string[] = [];
    const sent = (subjects.Controller as Controller).cmdlog(1);
    for (const [name, { args }] of Object.entries(rows)) {
      for (const [index, { bad }] of args.entries()) {
        for (const value of bad) {
          const given = args.map(({ good }, at) => (at === index ? value : good));
          const error = await call(name, subjects, given);
          const isRefused = error instanceof TypeError || error instanceof RangeError;
          if (isRefused && !engineWords.test(error.message)) continue;
          accepted.push(`${name} argument ${index + 1} = ${inspect(value, { depth: 1 })}: ${error ?? 'accepted'}`);
        }
      }
    }
    assert.deepEqual(accepted, []);
    assert.equal((subjects.Controller as Controller).cmdlog(1), sent, 'a command was sent');
  }).timeout(60_000);

  it('of a closed object is a TypeError that says so', async () => {
    const wrong: string[] = [];
    for (const [name, { args, closed: says }] of Object.entries(rows)) {
      const [type = ''] = name.split('.');
      if (!says || closed[type] === undefined) continue;
      const error = await call(
        name,
        closed,
        args.map(({ good }) => (good === subjects.Qpair ? closed.Qpair : good)),
      );
      if (error instanceof TypeError && /closed|ended|deleted/.test(error.message)) continue;
      wrong.push(`${name}: ${error ?? 'no error'}`);
    }
    assert.deepEqual(wrong, []);
  });
});
