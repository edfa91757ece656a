// Functions that run in the trace editor's page (sent there by Playwright, each on its own). Not type-checked: the DOM is not part
// of the types of the tests.

/** VS Code's webview API and theme, before anything else runs. `toExtension` is the test's. */
export function surround({ theme }) {
  window.kept = null;
  window.acquireVsCodeApi = () => ({
    postMessage: (message) => void window.toExtension(message),
    getState: () => window.kept,
    setState: (kept) => {
      window.kept = kept;
    },
  });
  const paint = () => {
    for (const [name, value] of Object.entries(theme)) {
      document.documentElement?.style.setProperty(`--vscode-${name}`, value);
    }
  };
  paint();
  document.addEventListener('readystatechange', paint);
}

/** Messages hold ArrayBuffers, which travel here as base64. */
export function deliver(message) {
  const revive = (value) => {
    if (Array.isArray(value)) return value.map(revive);
    if (typeof value !== 'object' || value === null) return value;
    if (typeof value.base64 === 'string') return Uint8Array.from(atob(value.base64), (at) => at.charCodeAt(0)).buffer;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revive(inner)]));
  };
  window.postMessage(revive(message), '*');
}

/**
 * Pixels of about that colour in the scatter.
 * @param {readonly number[]} color
 * @returns {number}
 */
export function near(color) {
  const [red, green, blue] = color;
  const canvas = document.querySelector('canvas.scatter');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let at = 0; at < data.length; at += 4) {
    const off = Math.abs(data[at] - red) + Math.abs(data[at + 1] - green) + Math.abs(data[at + 2] - blue);
    if (data[at + 3] > 100 && off < 60) count += 1;
  }
  return count;
}

export const scatterBox = () => {
  const { x, y, width, height } = document.querySelector('canvas.scatter').getBoundingClientRect();
  return { x, y, width, height };
};

export const overflows = () => document.documentElement.scrollWidth > document.documentElement.clientWidth;
