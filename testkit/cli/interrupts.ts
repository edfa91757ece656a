/** Ctrl-C and SIGTERM, counted, until disposed of. */
export interface Interrupts {
  readonly count: number;
  dispose(): void;
}

export function interrupts(onInterrupt: (count: number) => void): Interrupts {
  let count = 0;
  const listener = () => {
    count += 1;
    onInterrupt(count);
  };
  process.on('SIGINT', listener);
  process.on('SIGTERM', listener);
  return {
    get count() {
      return count;
    },
    dispose: () => {
      process.off('SIGINT', listener);
      process.off('SIGTERM', listener);
    },
  };
}
