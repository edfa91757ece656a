/** Every command id, once. The manifest test compares this list with package.json in both directions. */
export const Command = {
  runTest: 'doorbell.runTest',
  debugTest: 'doorbell.debugTest',
  openCmdlog: 'doorbell.openCmdlog',
  openFailureCmdlog: 'doorbell.openFailureCmdlog',
  toggleCmdlogOrder: 'doorbell.toggleCmdlogOrder',
  openGauge: 'doorbell.openGauge',
  openCharts: 'doorbell.openCharts',
  powerOff: 'doorbell.powerOff',
  powerOn: 'doorbell.powerOn',
  powerCycle: 'doorbell.powerCycle',
  powerCycleRepeatedly: 'doorbell.powerCycleRepeatedly',
  traceRecord: 'doorbell.traceRecord',
  traceStop: 'doorbell.traceStop',
  traceImport: 'doorbell.traceImport',
  traceOpen: 'doorbell.traceOpen',
  traceExport: 'doorbell.traceExport',
  traceReplay: 'doorbell.traceReplay',
  showLog: 'doorbell.showLog',
  copyDiagnostics: 'doorbell.copyDiagnostics',
  restartHost: 'doorbell.restartHost',
  stopHost: 'doorbell.stopHost',
  doctor: 'doorbell.doctor',
  runFix: 'doorbell.runFix',
  copyFix: 'doorbell.copyFix',
  pickController: 'doorbell.pickController',
  bindController: 'doorbell.bindController',
  unbindController: 'doorbell.unbindController',
  createSampleWorkspace: 'doorbell.createSampleWorkspace',
} as const;

export type CommandId = (typeof Command)[keyof typeof Command];

/** A Markdown link that runs a command; the Markdown must trust that command. */
export function commandLink(label: string, command: CommandId, ...args: readonly unknown[]): string {
  // A parenthesis would end the link in Markdown.
  const encoded = encodeURIComponent(JSON.stringify(args)).replaceAll('(', '%28').replaceAll(')', '%29');
  const query = args.length === 0 ? '' : `?${encoded}`;
  return `[${label}](command:${command}${query})`;
}
