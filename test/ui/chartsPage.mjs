// Functions that run in a page with charts (sent there by Playwright, each on its own). Not type-checked: the DOM is not part of the
// types of the tests.

/** VS Code's webview API and theme, before anything else runs. */
export function surround({ theme }) {
  window.posted = [];
  window.acquireVsCodeApi = () => ({ postMessage: (message) => window.posted.push(message) });
  const paint = () => {
    for (const [name, value] of Object.entries(theme)) {
      document.documentElement?.style.setProperty(`--vscode-${name}`, value);
    }
  };
  paint();
  document.addEventListener('readystatechange', paint);
}

export const isReady = () => window.posted.length > 0;
export const send = (message) => window.postMessage(message, '*');

/** Messages handled and frames drawn. */
export function settle() {
  return new Promise((resolve) => {
    setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(resolve)), 100);
  });
}

/**
 * How many pixels of each canvas are painted.
 * @returns {number[]}
 */
export function painted() {
  return [...document.querySelectorAll('canvas')].map((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let at = 3; at < data.length; at += 4) if (data[at] > 0) count += 1;
    return count;
  });
}

/**
 * Pixels of that colour on the first chart.
 * @param {readonly number[]} color
 * @returns {number}
 */
export function countPixels(color) {
  const [red, green, blue] = color;
  const canvas = document.querySelector('canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let at = 0; at < data.length; at += 4) {
    if (data[at] === red && data[at + 1] === green && data[at + 2] === blue && data[at + 3] === 255) count += 1;
  }
  return count;
}

export function repaint({ blue, bodyClass }) {
  document.documentElement.style.setProperty('--vscode-charts-blue', blue);
  document.body.className = bodyClass;
}
