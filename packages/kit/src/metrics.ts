import {
  collectDefaultMetrics,
  Counter as PromCounter,
  Gauge as PromGauge,
  Histogram as PromHistogram,
  Registry,
} from 'prom-client';

/** One value for each label of a metric. */
export type LabelValues<L extends string> = Readonly<Record<L, string>>;

/** What a metric is called and how it is divided. */
export interface MetricSpec<L extends string> {
  /** Without the prefix, in Prometheus' manner: `runs_completed_total`, `lock_wait_seconds`. */
  readonly name: string;
  readonly help: string;
  /** Names of labels. Their values must come from small sets: never a run id, never user input without a bound. */
  readonly labels?: readonly L[];
}

/** Counts up. */
export interface Counter<L extends string = never> {
  add(labels: LabelValues<L>, by?: number): void;
}

/** Stands at a value. */
export interface Gauge<L extends string = never> {
  set(labels: LabelValues<L>, value: number): void;
}

/** Collects values into buckets. */
export interface Histogram<L extends string = never> {
  observe(labels: LabelValues<L>, value: number): void;
}

/** The metrics of a process, each made once however often it is asked for. */
export interface Metrics {
  counter<L extends string = never>(spec: MetricSpec<L>): Counter<L>;
  gauge<L extends string = never>(spec: MetricSpec<L>): Gauge<L>;
  /** `buckets` are upper bounds in the metric's unit; default: 1 ms to 60 s for seconds. */
  histogram<L extends string = never>(
    spec: MetricSpec<L> & { readonly buckets?: readonly number[] },
  ): Histogram<L>;
  /** Everything in the text format of Prometheus, which `contentType` names. */
  render(): Promise<string>;
  readonly contentType: string;
}

/** How metrics are kept. */
export interface MetricsOptions {
  /** Labels on every metric, e.g. the role of the process. */
  readonly defaultLabels?: Readonly<Record<string, string>>;
  /**
   * How many combinations of label values a metric may have; what comes after counts under `other`. Default 500: each is
   * memory here and in Prometheus for ever, and task types are named by users.
   */
  readonly seriesLimit?: number;
  /** Adds CPU, memory and event loop lag of this process. Default false. */
  readonly withProcess?: boolean;
}

const prefix = 'joinery_';
const secondsBuckets = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];

/** Creates the metrics of a process, apart from every other: no global registry. */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  return new PromMetrics(options);
}

type Kind = 'counter' | 'gauge' | 'histogram';
type RecordValue = (labels: Readonly<Record<string, string>>, value: number) => void;

class PromMetrics implements Metrics {
  readonly #registry = new Registry();
  readonly #seriesLimit: number;
  readonly #made = new Map<string, { readonly shape: string; readonly record: RecordValue }>();

  constructor(options: MetricsOptions) {
    this.#seriesLimit = options.seriesLimit ?? 500;
    this.#registry.setDefaultLabels({ ...options.defaultLabels });
    if (options.withProcess) collectDefaultMetrics({ register: this.#registry, prefix });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  render(): Promise<string> {
    return this.#registry.metrics();
  }

  counter<L extends string = never>(spec: MetricSpec<L>): Counter<L> {
    const record = this.#once('counter', spec, (settings) => {
      const metric = new PromCounter(settings);
      return (labels, value) => {
        metric.inc({ ...labels }, value);
      };
    });
    return {
      add: (labels, by = 1) => {
        record(labels, by);
      },
    };
  }

  gauge<L extends string = never>(spec: MetricSpec<L>): Gauge<L> {
    const record = this.#once('gauge', spec, (settings) => {
      const metric = new PromGauge(settings);
      return (labels, value) => {
        metric.set({ ...labels }, value);
      };
    });
    return { set: record };
  }

  histogram<L extends string = never>(
    spec: MetricSpec<L> & { readonly buckets?: readonly number[] },
  ): Histogram<L> {
    const buckets = [...(spec.buckets ?? secondsBuckets)];
    const record = this.#once('histogram', spec, (settings) => {
      const metric = new PromHistogram({ ...settings, buckets });
      return (labels, value) => {
        metric.observe({ ...labels }, value);
      };
    });
    return { observe: record };
  }

  /** Two callers may ask for the same metric; two different metrics of one name are a bug. */
  #once(
    kind: Kind,
    spec: MetricSpec<string>,
    make: (settings: PromSettings) => RecordValue,
  ): RecordValue {
    const labelNames = [...(spec.labels ?? [])];
    const shape = `${kind}(${labelNames.join(',')})`;
    const made = this.#made.get(spec.name);
    if (made && made.shape !== shape) {
      throw new Error(`metric ${spec.name} is already a ${made.shape}; asked for a ${shape}`);
    }
    if (made) return made.record;
    const settings = { name: prefix + spec.name, help: spec.help, labelNames };
    const record = this.#bounded(make({ ...settings, registers: [this.#registry] }));
    this.#made.set(spec.name, { shape, record });
    return record;
  }

  #bounded(record: RecordValue): RecordValue {
    const known = new Set<string>();
    return (labels, value) => {
      const series = JSON.stringify(Object.values(labels));
      if (known.size < this.#seriesLimit) known.add(series);
      if (known.has(series)) record(labels, value);
      else record(Object.fromEntries(Object.keys(labels).map((label) => [label, 'other'])), value);
    };
  }
}

interface PromSettings {
  readonly name: string;
  readonly help: string;
  readonly labelNames: string[];
  readonly registers: Registry[];
}
