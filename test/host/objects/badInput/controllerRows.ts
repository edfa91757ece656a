import { bytes, callback, fields, int, oneOf, optional, required, text, u64 } from './kinds.ts';
import {
  byte,
  command,
  data,
  log,
  logOptions,
  nsid,
  type Placed,
  type PlacedKinds,
  partOptions,
  type Row,
  row,
  timeoutMs,
} from './rows.ts';

export function controllerRows(placed: Placed, { buffer, sqe, optionalBuffer }: PlacedKinds): Record<string, Row> {
  return {
    'Controller.open': data(
      text('emulated:?size=64M&seed=71'),
      fields({ adminDepth: int(2, 4096, 2), ioQueues: int(1, 65_535, 1) }),
    ),
    'Controller.initialize': row(
      fields({
        adminDepth: int(2, 4096, 2),
        ioQueues: int(1, 65_535, 1),
        commandSet: int(0, 7),
        pageBytes: int(4096, 2 ** 27, 4096),
        interrupts: oneOf('msix'),
        arbitration: oneOf('weighted'),
      }),
    ),
    'Controller.reset': row(),
    'Controller.resetBy': row(required(oneOf('flr'))),
    'Controller.disable': row(),
    'Controller.shutdown': row(oneOf('normal')),
    'Controller.restore': row(fields({})),
    'Controller.createQpair': row(
      fields({
        depth: int(2, 1024, 2),
        priority: oneOf('low'),
        vector: int(0, 2047),
        controllerMemory: { good: undefined, bad: [null, 5, 'host', true] },
      }),
    ),
    'HostMemoryBuffer.enable': row(
      { good: placed.buffer, bad: [null, undefined, 5, {}, [null], [5]] },
      fields({ returned: { good: true, bad: [] } }),
    ),
    'HostMemoryBuffer.disable': row(),
    'HostMemoryBuffer.query': row(),
    'ControllerMemoryBuffer.enable': row(),
    'ControllerMemoryBuffer.disable': row(),
    'ControllerMemoryBuffer.allocate': row(required(int(1, 2 ** 32 - 1)), fields({ pattern: oneOf('ones') })),
    'Controller.namespace': data(int(1, 1)),
    'Controller.refreshNamespaces': row(),
    'Controller.interrupt': row(required(int(0, 2047))),
    'Controller.onEvent': row(required(callback)),
    'Controller.close': data(),
    'Controller.cmdlog': row(int(1, 1_000_000)),
    'Controller.securitySend': row(
      buffer,
      fields({ protocol: byte, spSpecific: int(0, 0xffff), nssf: byte, length: int(0, 4096), nsid, timeoutMs }),
    ),
    'Controller.securityReceive': row(buffer, fields({ protocol: byte, length: int(0, 4096) })),
    'Controller.directiveSend': row(
      optionalBuffer,
      fields(
        { type: required(byte), operation: required(byte), specific: int(0, 0xffff), nsid },
        { type: 0, operation: 1 },
      ),
    ),
    'Controller.directiveReceive': row(
      optionalBuffer,
      fields({ type: required(byte), operation: required(byte) }, { type: 0, operation: 1 }),
    ),
    'Controller.miSend': row(
      optionalBuffer,
      fields({ opcode: byte, messageType: int(0, 15), nmd0: int(0, 2 ** 32 - 1), nsid }),
    ),
    'Controller.miReceive': row(optionalBuffer, fields({ opcode: byte, nmd1: int(0, 2 ** 32 - 1), nsid, timeoutMs })),
    'Controller.createNamespace': row(
      fields(
        {
          nsze: required(u64),
          ncap: u64,
          lbaf: int(0, 63),
          dps: byte,
          nmic: byte,
          nvmSetId: int(0, 0xffff),
          enduranceGroupId: int(0, 0xffff),
          csi: byte,
        },
        { nsze: 8 },
      ),
    ),
    'Controller.deleteNamespace': row(required(nsid), command),
    'Controller.attachNamespace': row(
      required(nsid),
      fields({ controllers: { good: [1], bad: [null, 5, [null], [-1], [65_536], 'all'] } }),
    ),
    'Controller.detachNamespace': row(
      required(nsid),
      fields({ controllers: { good: [1], bad: [null, 5, [null], [-1]] } }),
    ),
    'Controller.format': row(
      fields({
        nsid,
        lbaf: int(0, 63),
        metadata: oneOf('separate'),
        pi: int(0, 7),
        secureErase: oneOf('none'),
        stuckMs: int(1, 2 ** 31 - 1),
        timeoutMs,
      }),
    ),
    'Controller.sanitize': row(
      required(
        fields(
          {
            action: required(oneOf('block-erase')),
            passes: int(1, 16),
            pattern: int(0, 2 ** 32 - 1),
            stuckMs: int(1, 2 ** 31 - 1),
          },
          { action: 'block-erase' },
        ),
      ),
    ),
    'Controller.waitForSanitize': row(fields({ stuckMs: int(1, 2 ** 31 - 1) })),
    'Controller.deviceSelfTest': row(required(oneOf('short')), fields({ nsid, stuckMs: int(1, 2 ** 31 - 1) })),
    'Controller.firmwareDownload': row(
      buffer,
      required(fields({ offset: required(int(0, 2 ** 34 - 4)), length: int(4, 4096, 4) }, { offset: 0 })),
    ),
    'Controller.firmwareCommit': row(
      required(fields({ action: required(int(0, 7)), slot: int(0, 7), bootPartition: int(0, 1) }, { action: 1 })),
    ),
    'Controller.downloadFirmware': row(
      required(bytes(new Uint8Array(8))),
      fields({ chunkBytes: int(4, 2 ** 31, 4), onProgress: optional(callback) }),
    ),
    'Controller.supportedLogPages': log,
    'Controller.errorLog': row(int(1, 256), logOptions),
    'Controller.smart': log,
    'Controller.firmwareSlot': log,
    'Controller.changedNamespaces': log,
    'Controller.commandEffects': log,
    'Controller.supports': row(required(byte), oneOf('io'), logOptions),
    'Controller.selfTestLog': log,
    'Controller.hostTelemetry': log,
    'Controller.controllerTelemetry': log,
    'Controller.hostTelemetryData': row(int(1, 4), partOptions),
    'Controller.persistentEventLog': row(int(512, 2 ** 31), partOptions),
    'Controller.featureEffects': log,
    'Controller.sanitizeLog': log,
    'Controller.logPage': row(required(byte), required(int(4, 2 ** 31)), logOptions),
    'Controller.identify': row(command),
    'Controller.identifyNamespace': row(nsid, command),
    'Controller.identifyStructure': row(
      required(
        fields(
          {
            cns: required(byte),
            nsid,
            cntid: int(0, 0xffff),
            cnsSpecific: int(0, 0xffff),
            csi: byte,
            uuidIndex: int(0, 0x7f),
          },
          { cns: 1 },
        ),
      ),
    ),
    'Controller.idData': data(int(0, 4095), int(0, 0)),
    'Controller.getFeatures': row(
      required(byte),
      fields({
        select: oneOf('saved'),
        nsid,
        cdw11: int(0, 2 ** 32 - 1),
        uuidIndex: int(0, 0x7f),
        buffer: optionalBuffer,
      }),
    ),
    'Controller.setFeatures': row(
      required(byte),
      required(int(0, 2 ** 32 - 1)),
      fields({
        nsid,
        cdw12: int(0, 2 ** 32 - 1),
        cdw14: int(0, 2 ** 32 - 1),
        uuidIndex: int(0, 0x7f),
        buffer: optionalBuffer,
      }),
    ),
    'Controller.getLogPage': row(required(byte), buffer, logOptions),
    'Controller.abort': row(required(int(0, 0xffff)), required(int(0, 0xffff)), command),
    'Controller.admin': row(
      required(sqe),
      optionalBuffer,
      fields({ length: int(1, 4096, 4096), pointers: oneOf('sgl'), timeoutMs }),
    ),
  };
}
