import { nativeAddon } from '../native.ts';
import type { NativeAddon } from '../nativeSurface.ts';
import { HostEnv } from '../protocol.ts';
import { telemetryFd } from './telemetryProtocol.ts';

/** The addon of this host, or why there is none: a host without it still answers, and says so on every test. */
export interface HostAddon {
  readonly native?: NativeAddon;
  readonly fault?: Error;
}

/** Loads the addon, makes the evidence file, starts the watchdog. */
export function openAddon(): HostAddon {
  try {
    const native = nativeAddon();
    const evidence = process.env[HostEnv.evidence];
    if (evidence) native.openEvidence(evidence);
    native.startWatchdog(telemetryFd);
    return { native };
  } catch (error) {
    return { fault: error instanceof Error ? error : new Error(String(error)) };
  }
}
