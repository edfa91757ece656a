/** Colours and fonts of the workbench, as they are now. */
export interface Theme {
  readonly foreground: string;
  readonly muted: string;
  readonly grid: string;
  readonly track: string;
  readonly mark: string;
  readonly tooltipBackground: string;
  readonly tooltipForeground: string;
  readonly tooltipBorder: string;
  /** One for each controller, repeated. */
  readonly series: readonly string[];
  readonly font: string;
  readonly fontSize: number;
  readonly highContrast: boolean;
  readonly reducedMotion: boolean;
}

const seriesTokens = ['charts-blue', 'charts-orange', 'charts-green', 'charts-purple', 'charts-yellow', 'charts-red'];

export function readTheme(): Theme {
  const classes = document.body.classList;
  const highContrast = classes.contains('vscode-high-contrast') || classes.contains('vscode-high-contrast-light');
  const foreground = token('foreground', 'CanvasText');
  return {
    foreground,
    muted: token('descriptionForeground', foreground),
    grid: highContrast ? withAlpha(token('contrastBorder', foreground), 0.4) : withAlpha(foreground, 0.1),
    track: highContrast ? withAlpha(foreground, 0.25) : withAlpha(foreground, 0.12),
    mark: token('charts-red', foreground),
    tooltipBackground: token('editorHoverWidget-background', 'Canvas'),
    tooltipForeground: token('editorHoverWidget-foreground', foreground),
    tooltipBorder: token('editorHoverWidget-border', foreground),
    series: seriesTokens.map((name) => token(name, foreground)),
    font: variable('font-family') || 'sans-serif',
    fontSize: Number.parseFloat(variable('font-size')) || 13,
    highContrast,
    reducedMotion: classes.contains('vscode-reduce-motion') || matchMedia('(prefers-reduced-motion: reduce)').matches,
  };
}

/** Calls back when the workbench's theme or the motion setting changed. */
export function onThemeChange(changed: () => void): void {
  const observer = new MutationObserver(changed);
  observer.observe(document.body, { attributes: true, attributeFilter: ['class'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
  matchMedia('(prefers-reduced-motion: reduce)').addEventListener('change', changed);
}

const probe = document.createElement('canvas').getContext('2d');

/** A colour with another opacity. The canvas itself understands every notation a theme may use. */
export function withAlpha(color: string, alpha: number): string {
  if (!probe) return color;
  probe.fillStyle = '#000';
  probe.fillStyle = color;
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/.exec(String(probe.fillStyle));
  const channels = hex
    ? hex.slice(1).map((channel) => Number.parseInt(channel, 16))
    : (String(probe.fillStyle).match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
  return `rgba(${channels.join(', ')}, ${alpha})`;
}

function variable(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--vscode-${name}`).trim();
}

function token(name: string, fallback: string): string {
  return variable(name) || fallback;
}
