/** Quoted for a POSIX shell when it needs to be. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** How this very `doorbell` is called in a shell, also by root, whose PATH does not have it. */
export function ownCommand(): string {
  const { DOORBELL_COMMAND: wrapper } = process.env;
  return wrapper ? shellWord(wrapper) : [process.execPath, process.argv[1] ?? ''].map(shellWord).join(' ');
}

/** The command without `sudo` where root runs it already: not every container has it. */
export function rootCommand(command: string, uid = process.getuid?.()): string {
  return uid === 0 ? command.replace(/\bsudo /g, '') : command;
}
