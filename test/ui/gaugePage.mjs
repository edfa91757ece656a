// Functions that run in the gauge's page (sent there by Playwright, each on its own). Not type-checked: the DOM is not part of the
// types of the tests.

/** VS Code's webview API and theme, before anything else runs. */
export function surround({ theme, state }) {
  window.posted = [];
  window.kept = state;
  window.acquireVsCodeApi = () => ({
    postMessage: (message) => window.posted.push(message),
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

export const isReady = () => window.posted.length > 0;
export const posted = () => window.posted;
export const kept = () => window.kept;

export function send(messages) {
  for (const message of messages) window.postMessage(message, '*');
}

/** Messages handled, frames drawn, easing over. */
export function settle() {
  return new Promise((resolve) => {
    setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(resolve)), 400);
  });
}

/**
 * Pixels of that colour on the first dial.
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

/** The first dial's picture shortly after a message, and when all easing is over. */
export function pictures(message) {
  const picture = () => document.querySelector('canvas').toDataURL();
  return new Promise((resolve) => {
    window.postMessage(message, '*');
    setTimeout(() => {
      const early = picture();
      setTimeout(() => resolve([early, picture()]), 500);
    }, 60);
  });
}

export const opacity = () => Number(getComputedStyle(document.querySelector('.body')).opacity);

export function extent() {
  const { scrollWidth, scrollHeight } = document.documentElement;
  return { scrollWidth, scrollHeight };
}

export function boxes() {
  return [...document.querySelectorAll('canvas')].map((canvas) => {
    const { width, height, right, bottom } = canvas.getBoundingClientRect();
    return { width, height, right, bottom };
  });
}
