import { nativeAddon } from '../native.ts';
import type { NativeController } from '../nativeSurface.ts';
import { TunnelCommands } from './admin/tunnelCommands.ts';
import { AerStream } from './aer.ts';
import { integer, wrongType } from './checks.ts';
import { type InitializeOptions, initOptions, type OpenOptions } from './controllerOptions.ts';
import type { Cqe } from './cqe.ts';
import { ControllerEvents, type EventListener } from './events.ts';
import { IdentifyController } from './identify.ts';
import type { Namespace } from './namespace.ts';
import { NamespaceTable } from './namespaceTable.ts';
import { driverError } from './nativeErrors.ts';
import { Pcie } from './pcie/pcie.ts';
import { Qpair, type QpairController } from './qpair.ts';
import type { QpairOptions } from './qpairOptions.ts';
import { Registers } from './registers.ts';
import { Subsystem } from './subsystem.ts';
import { currentScope } from './testScope.ts';
import { Timeouts } from './timeouts.ts';

const priorities = { urgent: 0, high: 1, medium: 2, low: 3 } as const;

/**
 * One NVMe controller. Verbs that wait for the device return promises and are bounded. After {@link Controller.close} every use
 * throws `TypeError`.
 */
export class Controller extends TunnelCommands implements QpairController, AsyncDisposable {
  /** As it was opened, e.g. `emulated`. */
  readonly address: string;
  /** How long commands may take; back to the defaults before each test. */
  readonly timeouts = new Timeouts();
  /** The controller's properties, by name and by offset. */
  readonly registers: Registers;
  /** Its PCI function. */
  readonly pcie: Pcie;
  /** Asynchronous events. */
  readonly aer: AerStream;
  /** @internal */
  readonly native: NativeController;
  readonly #qpairs = new Set<Qpair>();
  readonly #namespaces = new NamespaceTable(this);
  readonly #events: ControllerEvents;
  #options: InitializeOptions;
  #admin: Qpair | undefined;
  #identify: IdentifyController | undefined;
  #ioQueues = 0;
  #latest: Cqe | undefined;
  #isClosed = false;
  #isChanged = true;

  private constructor(native: NativeController, options: InitializeOptions) {
    super();
    this.native = native;
    this.address = native.address;
    this.registers = new Registers(native, () => this.changed());
    this.pcie = new Pcie(this);
    this.aer = new AerStream(this);
    this.#options = options;
    this.#events = new ControllerEvents(native);
  }

  /**
   * Opens the controller at an address, `emulated` for the built-in SSD, and brings it to its default enabled state.
   * @throws an error with code `BAD_ADDRESS`, `CONTROLLER_IN_USE` (naming the holder), `NOT_SUPPORTED`, `INIT_FAILED`
   */
  static async open(address: string, options: OpenOptions = {}): Promise<Controller> {
    if (typeof address !== 'string') throw wrongType('address', 'a string', address);
    const controller = new Controller(await nativeAddon().openController(address), options);
    if (options.initialize === false) return controller;
    try {
      await controller.initialize(options);
    } catch (error) {
      await controller.close();
      throw error;
    }
    return controller;
  }

  /**
   * The enable sequence (NVMe Base 2.0, "Memory-based Controller Initialization"): disable if needed, admin queue, CC, CSTS.RDY,
   * Identify, Number of Queues. Every earlier queue pair ends.
   * @throws an error with code `INIT_FAILED` that names the step
   */
  async initialize(options: InitializeOptions = this.#options): Promise<void> {
    const info = await this.#verb('initialize', () => this.native.initialize(initOptions(options)));
    this.#options = options;
    this.#identify = new IdentifyController(info.identify);
    this.#ioQueues = info.ioQueues;
    this.timeouts.setMtfa(this.#identify.mtfa);
    this.#admin = new Qpair(this, this.native.admin);
    this.#qpairs.add(this.#admin);
    this.#namespaces.take(info.namespaces);
    this.#isChanged = false;
  }

  /** A controller reset by CC.EN, and the enable sequence with the same options as before. Every earlier queue pair ends. */
  async reset(): Promise<void> {
    await this.initialize();
  }

  /** Resets by the PCI function (`flr`), the link (`hot`) or the NVM subsystem; leaves the controller disabled. */
  async resetBy(kind: 'flr' | 'hot' | 'subsystem'): Promise<void> {
    this.changed();
    await this.#verb(`reset (${kind})`, () => this.native.reset(kind));
  }

  /** CC.EN = 0, and CSTS.RDY = 0 awaited. Outstanding commands end with {@link ControllerResetError}. */
  async disable(): Promise<void> {
    this.changed();
    await this.#verb('disable', () => this.native.disable());
  }

  /** CC.SHN, and CSTS.SHST = complete awaited. Every queue pair ends. {@link reset} enables the controller again. */
  async shutdown(kind: 'normal' | 'abrupt' = 'normal'): Promise<void> {
    this.changed();
    await this.#verb('shutdown', () => this.native.shutdown(kind));
  }

  /**
   * Back to the default enabled state, power and time-outs included; the device is left alone when nothing was changed since.
   * Events nobody took are forgotten. `fresh` always initialises.
   */
  async restore({ fresh = false }: { readonly fresh?: boolean } = {}): Promise<void> {
    this.#open();
    if (!this.native.powered) await this.power('on');
    this.pcie.restore();
    const isReady =
      this.#admin !== undefined && !this.#isChanged && this.registers.csts.rdy && !this.registers.csts.cfs;
    this.timeouts.reset();
    if (fresh || !isReady) await this.initialize();
    this.aer.forget();
  }

  /** @throws RangeError for a depth outside 2 to CAP.MQES + 1; an error with code `NO_QUEUES` when all are taken */
  async createQpair(options: QpairOptions = {}): Promise<Qpair> {
    const scope = currentScope();
    const depth = this.#depth(options.depth);
    const priority = priorities[options.priority ?? 'medium'];
    if (priority === undefined) throw wrongType('priority', "'urgent', 'high', 'medium' or 'low'", options.priority);
    const interrupts = options.interrupts ?? true;
    const lbaBytes = this.#namespaces.all[0]?.lbaBytes ?? 512;
    const native = await this.#verb('createQpair', () =>
      this.native.createQpair({ depth, priority, interrupts, lbaBytes }),
    );
    const qpair = new Qpair(this, native);
    this.#qpairs.add(qpair);
    scope.own(qpair);
    return qpair;
  }

  /** The admin queue pair, Q00; a new one after every initialisation. */
  get adminQpair(): Qpair {
    this.#open();
    if (this.#admin !== undefined) return this.#admin;
    throw new TypeError(`${this.address} was not initialised yet`);
  }

  /** Active namespaces, by NSID. */
  get namespaces(): readonly Namespace[] {
    return this.#namespaces.all;
  }

  /** @throws RangeError when there is no active namespace of that id */
  namespace(nsid = 1): Namespace {
    return this.#namespaces.get(nsid);
  }

  /** Reads again which namespaces are active and how they are formatted: objects of those that stay go on. */
  async refreshNamespaces(): Promise<void> {
    await this.#namespaces.refresh(this);
  }

  /** The NVM subsystem the controller belongs to. */
  get subsystem(): Subsystem {
    return new Subsystem(this);
  }

  /** Identify Controller data as read by the last initialisation or {@link identify}. */
  get identifyData(): IdentifyController {
    if (this.#identify !== undefined) return this.#identify;
    throw new TypeError(`${this.address} was not initialised yet`);
  }

  override set identifyData(data: IdentifyController) {
    this.#identify = data;
  }

  /** Bytes one command may transfer, by MDTS; Infinity without a limit. */
  get maxTransferBytes(): number {
    const { mdts } = this.identifyData;
    return mdts === 0 ? Number.POSITIVE_INFINITY : this.registers.cap.minPageBytes * 2 ** mdts;
  }

  /** I/O queue pairs the controller granted. */
  get ioQueues(): number {
    return this.#ioQueues;
  }

  /** Whether the device has power, as far as the driver knows. */
  get powered(): boolean {
    return this.native.powered;
  }

  /** CID of the command that completed last on any queue pair. */
  get latestCid(): number | undefined {
    return this.#latest?.cid;
  }

  /** Its latency, microseconds. */
  get latestLatencyUs(): number | undefined {
    return this.#latest?.latencyUs;
  }

  /** The newest admin commands as text, newest first. */
  cmdlog(max = 128): string {
    return this.adminQpair.cmdlog(max);
  }

  /**
   * Something the driver noticed outside any command: power lost, device removed, a malformed completion. Ends with the test. A
   * malformed completion fails the test unless a listener returned true for it.
   */
  onEvent(listener: EventListener): Disposable {
    if (typeof listener !== 'function') throw wrongType('listener', 'a function', listener);
    this.#open();
    return this.#events.add(listener);
  }

  /** Ends ioworkers and queue pairs, disables the controller, gives it back. Outstanding commands end. A second call does nothing. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      await this.native.close();
    } finally {
      this.#flush();
      this.#events.close();
    }
  }

  /** As {@link close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** @internal */
  async power(action: 'off' | 'on'): Promise<void> {
    this.changed();
    await this.#verb(`power ${action}`, () => this.native.power(action));
  }

  /** It is no longer in its default state. @internal */
  changed(): void {
    this.#isChanged = true;
  }

  /** @internal */
  completed(_qid: number, cqe: Cqe): void {
    this.#latest = cqe;
  }

  /** @internal */
  qpairEnded(qpair: Qpair): void {
    this.#qpairs.delete(qpair);
  }

  async #verb<T>(name: string, run: () => Promise<T>): Promise<T> {
    this.#open();
    try {
      return await run();
    } catch (error) {
      throw driverError(error, `${this.address}, ${name}`);
    } finally {
      this.#flush();
    }
  }

  /** Commands that a verb ended are delivered before it returns. */
  #flush(): void {
    for (const qpair of this.#qpairs) {
      qpair.flush();
      if (qpair.qid === 0 && qpair !== this.#admin) this.#qpairs.delete(qpair);
    }
  }

  #open(): void {
    if (this.#isClosed) throw new TypeError(`the controller ${this.address} is closed`);
  }

  #depth(depth: number | undefined): number {
    this.#open();
    const most = this.registers.cap.mqes + 1;
    if (depth === undefined) return Math.min(256, most);
    return integer(`depth (queue entries, up to CAP.MQES + 1)`, depth, 2, most);
  }
}
