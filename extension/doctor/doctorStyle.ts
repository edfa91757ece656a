/** Only colours of the theme: light, dark and high contrast alike. */
export const doctorStyle = `
body { padding: 0; color: var(--vscode-foreground); font: var(--vscode-font-weight) var(--vscode-font-size)/1.5 var(--vscode-font-family); }
main { max-width: 920px; margin: 0 auto; padding: 20px 24px 40px; }
header { display: flex; align-items: center; justify-content: space-between; gap: 16px; }
h1 { font-size: 1.7em; font-weight: 500; margin: 0; }
h2 { font-size: 1.1em; font-weight: 600; margin: 28px 0 4px; }
.lead { margin: 6px 0 0; color: var(--vscode-descriptionForeground); }
ul { list-style: none; margin: 0; padding: 0; }
li { display: flex; gap: 10px; padding: 10px 0; border-top: 1px solid var(--vscode-widget-border, var(--vscode-editorWidget-border, transparent)); }
li > div { flex: 1; min-width: 0; }
p { margin: 0; overflow-wrap: anywhere; }
.advice { margin-top: 4px; color: var(--vscode-descriptionForeground); }
svg { flex: none; width: 16px; height: 16px; margin-top: 3px; border-radius: 50%; }
svg path { fill: var(--vscode-editor-background); }
svg.ok { background: var(--vscode-testing-iconPassed, var(--vscode-charts-green)); }
svg.note { background: var(--vscode-editorInfo-foreground, var(--vscode-charts-blue)); }
svg.fault { background: var(--vscode-testing-iconFailed, var(--vscode-charts-red)); }
.lead.fault { color: var(--vscode-errorForeground); margin-bottom: 12px; }
.command { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; margin-top: 6px; padding: 6px 8px; border-radius: 4px;
  background: var(--vscode-textCodeBlock-background); border: 1px solid var(--vscode-contrastBorder, transparent); }
code { font-family: var(--vscode-editor-font-family); font-size: 0.95em; color: var(--vscode-foreground); background: none; padding: 0; overflow-wrap: anywhere; }
.command code { flex: 1 1 320px; }
.command span { display: flex; gap: 6px; }
.button { padding: 2px 10px; border-radius: 3px; text-decoration: none; white-space: nowrap; color: var(--vscode-button-secondaryForeground);
  background: var(--vscode-button-secondaryBackground); border: 1px solid var(--vscode-button-border, var(--vscode-contrastBorder, transparent)); }
.button:hover { background: var(--vscode-button-secondaryHoverBackground); color: var(--vscode-button-secondaryForeground); }
.button:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
.command .button:first-child { color: var(--vscode-button-foreground); background: var(--vscode-button-background); }
.command .button:first-child:hover { background: var(--vscode-button-hoverBackground); }
`;
