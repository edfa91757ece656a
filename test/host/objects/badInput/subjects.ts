import { Report } from '../../../../testkit/api/report.ts';
import type { Controller } from '../../../../testkit/objects/controller.ts';
import { DmaBuffer } from '../../../../testkit/objects/dmaBuffer.ts';
import { EnableSteps } from '../../../../testkit/objects/enableSteps.ts';
import { Fields } from '../../../../testkit/objects/fields.ts';
import { Latency } from '../../../../testkit/objects/ioworker/latency.ts';
import {
  CommandEffectsLog,
  FeatureEffectsLog,
  SupportedLogPages,
} from '../../../../testkit/objects/logs/effectLogs.ts';
import { PersistentEventLog, TelemetryHeader } from '../../../../testkit/objects/logs/historyLogs.ts';
import { CompletionQueue } from '../../../../testkit/objects/meta/completionQueue.ts';
import { PrpList } from '../../../../testkit/objects/meta/prpList.ts';
import { SglSegment } from '../../../../testkit/objects/meta/sglSegment.ts';
import { SubmissionQueue } from '../../../../testkit/objects/meta/submissionQueue.ts';
import { Sqe } from '../../../../testkit/objects/sqeEntry.ts';
import { Verification } from '../../../../testkit/objects/verification.ts';
import { Zone } from '../../../../testkit/objects/zns/zone.ts';
import { ZoneDescriptor } from '../../../../testkit/objects/zns/zoneDescriptor.ts';
import { openSsd } from '../support.ts';

/** Objects to call, by class; and the same after their controller, queue or buffer was closed. */
export type Subjects = Readonly<Record<string, object>>;

async function subjectsOf(controller: Controller): Promise<Record<string, object>> {
  const qpair = await controller.createQpair({ depth: 16 });
  const nvm = controller.namespace(1);
  return {
    Controller: controller,
    AerStream: controller.aer,
    EnableSteps: new EnableSteps(controller.native, () => undefined),
    InterruptVector: controller.interrupt(1),
    Namespace: nvm,
    Qpair: qpair,
    Verification: new Verification(nvm),
    ControllerMemoryBuffer: controller.cmb,
    HostMemoryBuffer: controller.hmb,
    Pcie: controller.pcie,
    ConfigSpace: controller.pcie.config,
    Bar: controller.pcie.bar,
    Registers: controller.registers,
    Subsystem: controller.subsystem,
    Faults: controller.faults,
    CompletionQueue: new CompletionQueue(controller, { qid: 9, depth: 8 }),
    SubmissionQueue: new SubmissionQueue(controller, { qid: 9, depth: 8 }),
    IoWorker: nvm.ioworker({ ioCount: 1 }),
    Zone: new Zone(nvm, new ZoneDescriptor(new Uint8Array(64))),
  };
}

const none = new Float64Array();
const noLatency = { count: 0n, minNs: 0, meanNs: 0, maxNs: 0, values: none, counts: none };

/** Those that no controller stands behind. */
function plainSubjects(): Record<string, object> {
  const page = () => new Uint8Array(4096);
  return {
    DmaBuffer: new DmaBuffer(4096),
    Fields: new Fields(page()),
    CommandEffectsLog: new CommandEffectsLog(page()),
    FeatureEffectsLog: new FeatureEffectsLog(page()),
    SupportedLogPages: new SupportedLogPages(page()),
    PersistentEventLog: new PersistentEventLog(page()),
    TelemetryHeader: new TelemetryHeader(page()),
    Latency: new Latency(noLatency, []),
    PrpList: new PrpList(),
    Report: new Report(() => undefined),
    SglSegment: new SglSegment(),
    Sqe: new Sqe({ opcode: 0 }),
  };
}

export async function openSubjects(): Promise<Subjects> {
  const controller = await openSsd(71);
  return { ...plainSubjects(), ...(await subjectsOf(controller)), Timeouts: controller.timeouts };
}

export async function closedSubjects(): Promise<Subjects> {
  const controller = await openSsd(72);
  const subjects = await subjectsOf(controller);
  const buffer = new DmaBuffer(4096);
  await (subjects.IoWorker as { run(): Promise<unknown> }).run();
  await controller.close();
  buffer.close();
  return { ...subjects, DmaBuffer: buffer };
}
