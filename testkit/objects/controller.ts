import type { ControllerLock } from '../machine/controllerLock.ts';
import type { DriveIdentity } from '../machine/drive.ts';
import { nativeAddon } from '../native.ts';
import type { NativeController } from '../nativeSurface.ts';
import { AerStream } from './aer.ts';
import { record, wrongType } from './checks.ts';
import { type Initialization, initOptions, type OpenOptions } from './controllerOptions.ts';
import { ControllerRecord } from './controllerRecord.ts';
import { admit, checkAllowed, identityOf } from './driveGate.ts';
import { runSequence } from './enableSteps.ts';
import { ControllerEvents, type EventListener } from './events.ts';
import { Faults } from './faults/faults.ts';
import { IdentifyController } from './identify.ts';
import { InterruptVector } from './interruptVector.ts';
import type { Namespace } from './namespace.ts';
import { NamespaceTable } from './namespaceTable.ts';
import { driverError } from './nativeErrors.ts';
import { Pcie } from './pcie/pcie.ts';
import { Qpair } from './qpair.ts';
import type { QpairController } from './qpairController.ts';
import { nativeQpairOptions, type QpairOptions } from './qpairOptions.ts';
import { Registers } from './registers.ts';
import { Subsystem } from './subsystem.ts';
import { currentScope } from './testScope.ts';
import { Timeouts } from './timeouts.ts';

/**
 * One NVMe controller. Verbs that wait for the device return promises and are bounded. After {@link Controller.close} every use
 * throws `TypeError`.
 */
export class Controller extends ControllerRecord implements QpairController, AsyncDisposable {
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
  /** Makes the device misbehave, where it is the emulated SSD. */
  readonly faults: Faults;
  /** @internal */
  readonly native: NativeController;
  readonly #qpairs = new Set<Qpair>();
  readonly #namespaces = new NamespaceTable(this);
  readonly #events: ControllerEvents;
  /** Of {@link open}: the default state. */
  readonly #openedWith: Initialization;
  /** What switches its supply, when that was chosen. @internal */
  readonly powerChoice: OpenOptions['power'];
  #options: Initialization;
  #admin: Qpair | undefined;
  #ioQueues = 0;
  #lock: ControllerLock | undefined;

  private constructor(native: NativeController, options: Initialization, power?: OpenOptions['power']) {
    super();
    this.native = native;
    this.address = native.address;
    this.powerChoice = power;
    this.registers = new Registers(native, () => this.changed());
    this.pcie = new Pcie(this);
    this.aer = new AerStream(this);
    this.#openedWith = options;
    this.faults = new Faults(native.faults);
    this.#options = options;
    this.#events = new ControllerEvents(native);
  }

  /**
   * Opens the controller at an address, `emulated` for the built-in SSD, and brings it to its default enabled state. Other
   * addresses: `0000:3d:00.0`, `spdk:0000:3d:00.0`, `vfio-user:<socket>`, `tcp://<host>:4420/<subnqn>`, where the build has them.
   * @throws an error with code `BAD_ADDRESS`, `NOT_SUPPORTED`, `NO_CONTROLLER`, `CONTROLLER_IN_USE`, `DRIVE_HELD`, `NOT_BOUND` (naming
   * the holder), `DRIVE_NOT_ALLOWED` (a real drive nobody has allowed tests on), `INIT_FAILED`
   */
  static async open(address: string, options: OpenOptions = {}): Promise<Controller> {
    if (typeof address !== 'string') throw wrongType('address', 'a string', address);
    record(options);
    const how = typeof options.initialize === 'function' ? options.initialize : options;
    if (how === options) initOptions(options);
    const admitted = await admit(address, nativeAddon());
    const controller = new Controller(admitted.native, how, options.power);
    controller.#lock = admitted.lock;
    try {
      if (admitted.isDrive) checkAllowed(await controller.#identity());
      if (options.initialize === false) return controller;
      await controller.initialize();
    } catch (error) {
      await controller.close();
      throw error;
    }
    return controller;
  }

  /** One that another thread of this process opened: its {@link close} leaves the controller alone. @internal */
  static async attach(address: string): Promise<Controller> {
    const controller = new Controller(nativeAddon().attachController(address), {});
    controller.#takeAdmin();
    const { mtfa } = await controller.identify();
    controller.timeouts.setMtfa(mtfa);
    await controller.refreshNamespaces();
    controller.isChanged = false;
    return controller;
  }

  /**
   * The enable sequence (NVMe Base 2.0, "Memory-based Controller Initialization"): disable if needed, admin queue, CC, CSTS.RDY,
   * Identify, Number of Queues. Every earlier queue pair ends. With a function the sequence is the test's.
   * @throws an error with code `INIT_FAILED` that names the step, or `NOT_SUPPORTED`; TypeError, RangeError
   */
  async initialize(options: Initialization = this.#options): Promise<void> {
    const info = await this.#verb('initialize', () => runSequence(this, options, () => this.#takeAdmin()));
    this.#options = options;
    this.identifyData = new IdentifyController(info.identify);
    this.#ioQueues = info.ioQueues;
    this.timeouts.setMtfa(this.identifyData.mtfa);
    this.#namespaces.take(info.namespaces);
    this.isChanged = options !== this.#openedWith;
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
  async restore(options: { readonly fresh?: boolean } = {}): Promise<void> {
    const { fresh = false } = record(options);
    this.#open();
    if (!this.native.powered) await this.subsystem.powerOn();
    this.pcie.restore();
    this.cmb.restore();
    const isReady = this.#admin !== undefined && !this.isChanged && this.registers.csts.rdy && !this.registers.csts.cfs;
    this.timeouts.reset();
    if (fresh || !isReady) await this.initialize(this.#openedWith);
    this.aer.forget();
  }

  /** @throws RangeError for a depth outside 2 to CAP.MQES + 1; an error with code `NO_QUEUES` when all are taken */
  async createQpair(options: QpairOptions = {}): Promise<Qpair> {
    const scope = currentScope();
    this.#open();
    const lbaBytes = this.#namespaces.all[0]?.lbaBytes ?? 512;
    const asked = nativeQpairOptions(options, { lbaBytes, mqes: this.registers.cap.mqes });
    const native = await this.#verb('createQpair', () => this.native.createQpair(asked));
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

  /** An interrupt vector to watch and mask. @param vector 0..2047; vector 0 is the admin queue's */
  interrupt(vector: number): InterruptVector {
    this.#open();
    return new InterruptVector(this.native, vector);
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
    if (this.wasClosed) return;
    this.wasClosed = true;
    try {
      await this.native.close();
    } finally {
      await this.#lock?.release();
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

  /** @internal */
  qpairEnded(qpair: Qpair): void {
    this.#qpairs.delete(qpair);
  }

  /** Which drive it is; leaves it to be initialised as the test wants it. */
  async #identity(): Promise<DriveIdentity> {
    await this.initialize({});
    this.#options = this.#openedWith;
    return identityOf(this);
  }

  #takeAdmin(): void {
    this.#admin = new Qpair(this, this.native.admin);
    this.#qpairs.add(this.#admin);
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
    if (this.wasClosed) throw new TypeError(`the controller ${this.address} is closed`);
  }
}
