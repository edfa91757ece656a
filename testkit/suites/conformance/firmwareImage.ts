import { DmaBuffer } from '@doorbell/testkit';

const activations = [
  'immediate',
  'controller-reset',
  'conventional-reset',
  'subsystem-reset',
  'too-long',
  'prohibited',
] as const;

/** What the activation of an image takes. */
export type Activation = (typeof activations)[number];

/** An image of the emulated SSD's firmware, as `native/emulator/docs/firmware-image.md` describes it. */
export function image(
  revision: string,
  options: { activation?: Activation; bytes?: number; failsToLoad?: boolean } = {},
): Uint8Array {
  const { activation = 'immediate', bytes = 8192, failsToLoad = false } = options;
  const buffer = new DmaBuffer(bytes, { pattern: { random: 0 } });
  buffer.fill('zeros', { start: 0, end: 64 });
  buffer.write('DBFWIMG1', 0);
  buffer.setDword(8, bytes);
  buffer.write(revision.padEnd(8), 16);
  buffer.setByte(24, activations.indexOf(activation));
  buffer.setByte(25, failsToLoad ? 1 : 0);
  buffer.setDword(12, buffer.crc32c({ start: 16 }));
  return buffer.slice();
}
