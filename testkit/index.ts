/** `@doorbell/testkit`: everything a test file imports. */
export { expect } from './api/expect.ts';
export type {
  AsymmetricMatcher,
  AsymmetricMatchers,
  Expect,
  Expectation,
  Matchers,
  Negatable,
} from './api/expectTypes.ts';
export type { Fixtures } from './api/fixtures.ts';
export type { Report } from './api/report.ts';
export { test } from './api/test.ts';
export type {
  Declare,
  DeclareEach,
  DeclareSuite,
  Describe,
  FixtureDefinitions,
  FixtureFunction,
  SuiteBody,
  Test,
  TestBody,
  TestOptions,
} from './api/testTypes.ts';
export { type Thread, type ThreadContext, type ThreadOptions, thread } from './api/thread.ts';
export { ThreadError } from './api/threadError.ts';
export { adminOpcode, nvmOpcode } from './nvme/opcode.ts';
export type { DecodedStatus, StatusName } from './nvme/status.ts';
export { allNamespaces } from './objects/admin/adminQueue.ts';
export type { HostMemoryBuffer, HostMemoryBufferState } from './objects/admin/hostMemoryBuffer.ts';
export type {
  GetFeaturesOptions,
  IdentifyOptions,
  LogPageOptions,
  SetFeaturesOptions,
} from './objects/admin/informationOptions.ts';
export type {
  DownloadOptions,
  FirmwareCommitOptions,
  FormatOptions,
  SanitizeAction,
  SanitizeOptions,
  SelfTestOptions,
} from './objects/admin/maintenanceOptions.ts';
export type { AttachOptions, CreateNamespaceOptions } from './objects/admin/namespaceManagement.ts';
export { OperationFailedError } from './objects/admin/operationFailedError.ts';
export type { DirectiveOptions, ManagementInterfaceOptions, SecurityOptions } from './objects/admin/tunnelCommands.ts';
export type { AerStream, AsynchronousEvent } from './objects/aer.ts';
export type { DiffSummary } from './objects/bufferText.ts';
export type { Command, CommandCallback, CommandOptions } from './objects/command.ts';
export { Controller } from './objects/controller.ts';
export type { ControllerMemoryBuffer, ControllerMemoryUse } from './objects/controllerMemoryBuffer.ts';
export type { InitializeFunction, InitializeOptions, InterruptMode, OpenOptions } from './objects/controllerOptions.ts';
export type { CommandOutcome, Cqe } from './objects/cqe.ts';
export { type ByteRange, DmaBuffer, type DmaBufferOptions } from './objects/dmaBuffer.ts';
export type { AdminRegisters, AdoptOptions, EnableSteps, PrepareAdminOptions } from './objects/enableSteps.ts';
export {
  CommandError,
  CommandTimeoutError,
  ControllerClosedError,
  ControllerRemovedError,
  ControllerResetError,
  type DataMismatch,
  DataMismatchError,
  NvmeStatusError,
  PowerLostError,
  QueueDeletedError,
  WaitdoneTimeoutError,
} from './objects/errors.ts';
export { type DriverEvent, type EventListener, MalformedCompletionError } from './objects/events.ts';
export { Fault, type FaultCommand, type FaultWhen } from './objects/faults/fault.ts';
export type { CorruptOptions, FailOptions, Faults, HealthFault, PowerLossMoment } from './objects/faults/faults.ts';
export { Fields } from './objects/fields.ts';
export type {
  IdentifyController,
  IdentifyNamespace,
  LbaFormat,
  OptionalNvmCommands,
  VolatileWriteCache,
} from './objects/identify.ts';
export type { InterruptVector } from './objects/interruptVector.ts';
export type { IoSeries } from './objects/ioworker/ioSeries.ts';
export { type IoWorker, type IoWorkerCounters, IoWorkerTimeoutError } from './objects/ioworker/ioWorker.ts';
export type { IoOpcode, IoSequenceStep, IoSizes, IoWorkerOptions } from './objects/ioworker/ioWorkerOptions.ts';
export type { IoWorkerEnd, IoWorkerResult, OpcodeResult } from './objects/ioworker/ioWorkerResult.ts';
export type { Latencies, Latency } from './objects/ioworker/latency.ts';
export type { ErrorLogEntry, FirmwareSlotLog, SmartLog } from './objects/logs/basicLogs.ts';
export type {
  ChangedNamespaces,
  CommandEffects,
  CommandEffectsLog,
  FeatureEffectsLog,
  SupportedLogPages,
} from './objects/logs/effectLogs.ts';
export type { PersistentEvent, PersistentEventLog, TelemetryHeader } from './objects/logs/historyLogs.ts';
export type { SanitizeLog, SanitizeState, SelfTestLog, SelfTestResult } from './objects/logs/operationLogs.ts';
export {
  CompletionQueue,
  type CompletionQueueOptions,
  SlotTimeoutError,
} from './objects/meta/completionQueue.ts';
export { PrpList } from './objects/meta/prpList.ts';
export type { CreateOverrides, RawQueueOptions } from './objects/meta/rawQueue.ts';
export type { SglDescriptor } from './objects/meta/sglDescriptor.ts';
export { SglSegment } from './objects/meta/sglSegment.ts';
export { SubmissionQueue, type SubmissionQueueOptions } from './objects/meta/submissionQueue.ts';
export type { FormatBySize, Namespace, WriteProtection } from './objects/namespace.ts';
export { ControllerUnavailableError } from './objects/nativeErrors.ts';
export type { BlockLayout } from './objects/nvm/blockData.ts';
export type {
  CopyOptions,
  CopySource,
  DsmOptions,
  FusedOptions,
  IoBuffer,
  IoOptions,
  LbaRange,
  ProtectionOptions,
  VerifyOptions,
  WriteZeroesOptions,
} from './objects/nvm/ioOptions.ts';
export type {
  ProtectedBlocks,
  ProtectionCheck,
  ProtectionMismatch,
  ProtectionTuple,
} from './objects/nvm/protection.ts';
export type {
  ReservationAcquireOptions,
  ReservationRegisterOptions,
  ReservationReleaseOptions,
  ReservationType,
} from './objects/nvm/reservationCommands.ts';
export type { Registrant, ReservationStatus } from './objects/nvm/reservationStatus.ts';
export type { Pattern } from './objects/pattern.ts';
export type { Bar } from './objects/pcie/bar.ts';
export type { Capability } from './objects/pcie/capabilities.ts';
export type { ConfigSpace } from './objects/pcie/configSpace.ts';
export { NotSupportedError, PlatformLimitError } from './objects/pcie/notSupportedError.ts';
export type { Aspm, LinkStatus, Pcie, PowerState } from './objects/pcie/pcie.ts';
export { OperationStuckError, type WaitOptions } from './objects/progress.ts';
export type { Qpair } from './objects/qpair.ts';
export type {
  BitBucket,
  FusedHalf,
  QpairOptions,
  RawOptions,
  SglOptions,
  WaitdoneOptions,
} from './objects/qpairOptions.ts';
export type { LoggedCommand } from './objects/queueLog.ts';
export type { Cap, Cc, Csts, RegisterName, Registers, Version } from './objects/registers.ts';
export type { SqeFields } from './objects/sqe.ts';
export { Sqe, type SqeEntryFields } from './objects/sqeEntry.ts';
export { Subsystem, type SubsystemOptions } from './objects/subsystem.ts';
export type { Timeouts } from './objects/timeouts.ts';
export type { Verification, VerificationOptions } from './objects/verification.ts';
export type { Appended, Zone } from './objects/zns/zone.ts';
export type {
  ZoneAction,
  ZoneAppendOptions,
  ZoneFilter,
  ZoneReceiveOptions,
  ZoneSendOptions,
} from './objects/zns/zoneCommands.ts';
export type { ZoneDescriptor, ZonedNamespaceData, ZoneState } from './objects/zns/zoneDescriptor.ts';
export type { ZonesOptions } from './objects/zns/zoneReport.ts';
export { type PowerController, PowerError, type PowerFacts } from './power/powerController.ts';
export type { CmdlogLink } from './protocol.ts';
export type { Chart, ChartAxis, ChartSeries } from './report/chart.ts';
