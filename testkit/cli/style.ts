import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

/** Colours where a person looks: on a terminal, unless NO_COLOR says otherwise. */
export class Style {
  constructor(private readonly enabled: boolean) {}

  static for(stream: { readonly isTTY?: boolean }): Style {
    return new Style(stream.isTTY === true && !process.env.NO_COLOR);
  }

  readonly apply = (format: Format, text: string): string => (this.enabled ? styleText(format, text) : text);
}
