/** Look of an HTML report: the tokens that charts know from VS Code, by the reader's colour scheme. */
export const htmlStyle = `
:root {
  color-scheme: light dark;
  --vscode-foreground: #1f2328;
  --vscode-descriptionForeground: #59636e;
  --vscode-charts-blue: #0969da;
  --vscode-charts-orange: #bc4c00;
  --vscode-charts-green: #1a7f37;
  --vscode-charts-purple: #8250df;
  --vscode-charts-yellow: #9a6700;
  --vscode-charts-red: #cf222e;
  --vscode-editorHoverWidget-background: #ffffff;
  --vscode-editorHoverWidget-foreground: #1f2328;
  --vscode-editorHoverWidget-border: #d1d9e0;
  --vscode-font-family: system-ui, sans-serif;
  --vscode-font-size: 14px;
  --page: #ffffff;
  --box: #f6f8fa;
  --line: #d1d9e0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --vscode-foreground: #e6edf3;
    --vscode-descriptionForeground: #9198a1;
    --vscode-charts-blue: #58a6ff;
    --vscode-charts-orange: #f0883e;
    --vscode-charts-green: #56d364;
    --vscode-charts-purple: #bc8cff;
    --vscode-charts-yellow: #e3b341;
    --vscode-charts-red: #ff7b72;
    --vscode-editorHoverWidget-background: #151b23;
    --vscode-editorHoverWidget-foreground: #e6edf3;
    --vscode-editorHoverWidget-border: #3d444d;
    --page: #0d1117;
    --box: #151b23;
    --line: #3d444d;
  }
}
body {
  background: var(--page);
  color: var(--vscode-foreground);
  font: 14px/1.5 system-ui, sans-serif;
  margin: 2em auto;
  max-width: 1000px;
  padding: 0 1em;
}
h1 { font-size: 1.4em; }
h2 { font-size: 1.1em; margin: 0; }
small, .about, .path { color: var(--vscode-descriptionForeground); font-weight: normal; margin: 0; }
.test { border-top: 1px solid var(--line); padding: 1em 0; }
.passed { color: var(--vscode-charts-green); }
.failed, .error { color: var(--vscode-charts-red); }
.skipped { color: var(--vscode-charts-yellow); }
pre { background: var(--box); border: 1px solid var(--line); overflow-x: auto; padding: 0.75em; white-space: pre-wrap; }
pre.failure { border-left: 4px solid var(--vscode-charts-red); }
summary { cursor: pointer; margin-top: 0.5em; }
`;
