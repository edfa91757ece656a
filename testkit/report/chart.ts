/** A chart as a test reports it: plain data, the same in the driver host, the CLI and VS Code. */

/** An axis of a chart. */
export interface ChartAxis {
  /** With the unit: `latency (us)`. */
  readonly label: string;
  /** Powers of ten at equal distances; only for values above 0. */
  readonly logarithmic?: boolean;
  /** Where it begins. Default: with the data; of `y` at 0, unless that is logarithmic. */
  readonly min?: number;
}

/** One line, or one set of dots or bars. */
export interface ChartSeries {
  /** As the legend names it. */
  readonly name: string;
  /** x and y of each, finite numbers. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** What `report.chart` takes. */
export interface Chart {
  /** Above the chart. */
  readonly title: string;
  /** Default `line`. */
  readonly kind?: 'line' | 'scatter' | 'bar';
  /** The horizontal axis. */
  readonly x: ChartAxis;
  /** The vertical axis. */
  readonly y: ChartAxis;
  /** 1 to 16 of them, each with 1 to 10,000 points. */
  readonly series: readonly ChartSeries[];
}
