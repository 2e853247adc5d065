/*
 * Figures reach the documentation only through here: the last measurement is kept as docs/benchmarks.json, and the parts
 * of the pages between `<!-- figures:NAME -->` and `<!-- /figures:NAME -->` are made from it.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { machineSchema, machineText } from './machine.ts';
import { type MetricName } from './metrics.ts';
import { renderComparison, renderResults } from './report.ts';
import { SUBJECTS } from './subject.ts';
import { type Results } from './summary.ts';
import { type Beside, renderTargets } from './targets.ts';
import { MEASURED } from './workload.ts';

const docs = new URL('../../../docs/', import.meta.url);
const FIGURES = new URL('benchmarks.json', docs);
/** How fast it is. */
export const PAGE = new URL('benchmarks.md', docs);
/** What that means for large installations. */
export const SCALE_PAGE = new URL('scale.md', docs);

const spread = z.object({ median: z.number(), min: z.number(), max: z.number() });
const summary = z.object({
  settings: z.object({
    concurrency: z.number(),
    workerProcesses: z.number(),
    removeOnComplete: z.boolean(),
  }),
  metrics: z.custom<Partial<Record<MetricName, z.infer<typeof spread>>>>(
    (value) => z.record(z.string(), spread).safeParse(value).success,
  ),
});

/** What one measurement has come to, as it is kept. */
export const figuresSchema = z.object({
  machine: machineSchema,
  settings: z.object({ rounds: z.number(), loopMs: z.number(), branches: z.number() }),
  ratios: z.record(z.string(), z.number()),
  redisCpuPerTask: z.record(z.string(), z.number()),
  results: z.custom<Results>(
    (value) =>
      z.partialRecord(z.enum(MEASURED), z.partialRecord(z.enum(SUBJECTS), summary)).safeParse(value)
        .success,
  ),
  /** What other measurements have come to. */
  beside: z.custom<Beside>((value) => typeof value === 'object' && value !== null).default({}),
});
/** See {@link figuresSchema}. */
export type Figures = z.infer<typeof figuresSchema>;

/** Keeps the rounds of a measurement beside what was measured besides, and puts them into the page. */
export async function writeFigures(figures: Omit<Figures, 'beside'>): Promise<void> {
  const { beside } = await readFigures();
  await keep({ ...figures, beside });
  await writeSection(PAGE, 'results', resultsText(figures));
}

/** Keeps what was measured besides the rounds. */
export async function writeBeside(measured: Beside): Promise<void> {
  const figures = await readFigures();
  const wideMs = { ...figures.beside.wideMs, ...measured.wideMs };
  await keep({ ...figures, beside: { ...figures.beside, ...measured, wideMs } });
}

async function keep(figures: Figures): Promise<void> {
  await writeFile(FIGURES, `${JSON.stringify(figuresSchema.parse(figures), null, 2)}\n`);
  await writeSection(PAGE, 'targets', renderTargets(figures.results, figures.beside));
}

/** The measurement that was kept last. */
export async function readFigures(): Promise<Figures> {
  return figuresSchema.parse(JSON.parse(await readFile(FIGURES, 'utf8')));
}

/** The part of the page that a measurement makes. */
export function resultsText({
  machine,
  settings,
  results,
  ...comparison
}: Omit<Figures, 'beside'>): string {
  const { rounds, loopMs, branches } = settings;
  const head = `Median (least – greatest) of ${rounds} rounds of ${loopMs / 1000} s; W3 has ${branches} branches.`;
  return `${head}\n${machineText(machine)}\n\n${renderComparison(comparison)}\n${renderResults(results)}`;
}

/** Puts a text into its place in a page of the documentation. */
export async function writeSection(page: URL, name: string, text: string): Promise<void> {
  await writeFile(page, withSection(await readFile(page, 'utf8'), name, text));
}

/** The page with this text between its marks; throws when they are not there. */
export function withSection(page: string, name: string, text: string): string {
  const [open, close] = [`<!-- figures:${name} -->`, `<!-- /figures:${name} -->`];
  const [from, to] = [page.indexOf(open), page.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`the page has no part '${open}'`);
  return `${page.slice(0, from)}${open}\n\n${text.trim()}\n\n${page.slice(to)}`;
}
