import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/**
 * The frame around `<name>.js` and `<name>.css` of dist/webviews. Only these two load, from nowhere else and with nothing
 * inline.
 */
export function webviewHtml(webview: vscode.Webview, folder: vscode.Uri, name: string, title: string): string {
  const nonce = randomBytes(16).toString('base64');
  const script = webview.asWebviewUri(vscode.Uri.joinPath(folder, `${name}.js`)).toString();
  const style = webview.asWebviewUri(vscode.Uri.joinPath(folder, `${name}.css`)).toString();
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${webview.cspSource}; font-src ${webview.cspSource}`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="${style}">
<title>${escapeHtml(title)}</title>
</head>
<body>
<div id="root"></div>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
