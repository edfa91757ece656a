/** The file is not what a trace has to be from here on; the message says in what way. */
export class TraceDamage extends Error {
  override readonly name = 'TraceDamage';
}
