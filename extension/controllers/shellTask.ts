import * as vscode from 'vscode';

/** Runs a command where the user sees it, can type a password, and can stop it. Tells whether it succeeded. */
export type RunShell = (title: string, command: string) => Promise<boolean>;

export const runShellTask: RunShell = async (title, command) => {
  const { TaskScope, TaskRevealKind, TaskPanelKind } = vscode;
  const definition = { type: 'shell', doorbell: command };
  const execution = new vscode.ShellExecution(command);
  const task = new vscode.Task(definition, TaskScope.Workspace, title, 'NVMe', execution, []);
  task.presentationOptions = { reveal: TaskRevealKind.Always, panel: TaskPanelKind.Shared, focus: true, echo: true };
  const ended = endOf(task);
  try {
    await vscode.tasks.executeTask(task);
    return await ended.result;
  } finally {
    ended.dispose();
  }
};

/** A terminal that is closed before its shell began ends without an exit code. */
function endOf(task: vscode.Task): { result: Promise<boolean>; dispose(): void } {
  const listeners: vscode.Disposable[] = [];
  const result = new Promise<boolean>((resolve) => {
    const isIt = ({ execution }: { execution: vscode.TaskExecution }) =>
      execution.task.definition.doorbell === task.definition.doorbell;
    listeners.push(
      vscode.tasks.onDidEndTaskProcess((event) => isIt(event) && resolve(event.exitCode === 0)),
      // The end of its process is told before.
      vscode.tasks.onDidEndTask((event) => isIt(event) && resolve(false)),
    );
  });
  return {
    result,
    dispose: () => {
      for (const listener of listeners) listener.dispose();
    },
  };
}
