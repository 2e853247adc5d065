import {
  parseWorkflowDef,
  type RecordedEvent,
  type TaskKey,
  type TaskRow,
  type WorkflowDef,
} from '@joinery/core';
import { type RowsByKey, runTree, type TreeLine } from './run-tree.ts';
import { type TaskSpan, taskSpans } from './task-spans.ts';

/** What a picture is drawn from. */
export interface PictureParts {
  readonly definition: Parameters<typeof parseWorkflowDef>[0];
  readonly rows: readonly TaskRow[];
  readonly history: readonly RecordedEvent[];
  /** What people call the workers, by their ids. */
  readonly workers: ReadonlyMap<string, string>;
  /** Characters per line. */
  readonly width: number;
}

const MARKS: Readonly<Record<TaskSpan['kind'], string>> = {
  waited: '·',
  ran: '█',
  failed: '▒',
  lost: '×',
};
const JOIN_MARK = '◆';
const LEGEND = '· waits   █ runs   ▒ fails   × its worker is dead   ◆ join';
const MIN_CHART = 20;
const MAX_CHART = 80;
/** Between columns. */
const GAP = '  ';

/** Draws a run: its forks as a tree, and beside each task when it waited, ran and with whom. */
export function drawRun(parts: PictureParts): readonly string[] {
  const definition: WorkflowDef = parseWorkflowDef(parts.definition);
  const rows: RowsByKey = new Map(parts.rows.map((row) => [row.key, row]));
  const lines = runTree(definition.tasks, rows);
  const spans = taskSpans(parts.history);
  const chart = chartOf(parts, lines, spans);
  const head = `${' '.repeat(chart.labelWidth)}${GAP}${' '.repeat(NOTE_WIDTH)}${GAP}`;
  const seconds = `${((chart.end - chart.start) / 1_000).toFixed(1)} s`;
  const scale = `0${seconds.padStart(chart.columns - 1)}`;
  return [head + scale, ...lines.map((line) => drawLine(line, { chart, parts, spans })), LEGEND];
}

/** Room for `w1 w2  1234 ms`. */
const NOTE_WIDTH = 16;

interface Chart {
  readonly labelWidth: number;
  readonly columns: number;
  readonly start: number;
  readonly end: number;
}

function chartOf(
  { history, width }: PictureParts,
  lines: readonly TreeLine[],
  spans: ReadonlyMap<TaskKey, readonly TaskSpan[]>,
): Chart {
  const labelWidth = Math.max(...lines.map(({ label }) => label.length));
  const room = width - labelWidth - NOTE_WIDTH - 2 * GAP.length;
  const start = history[0]?.at ?? 0;
  const ends = [...spans.values()].flat().map(({ to }) => to);
  const end = Math.max(start + 1, history.at(-1)?.at ?? 0, ...ends);
  return { labelWidth, columns: Math.min(MAX_CHART, Math.max(MIN_CHART, room)), start, end };
}

interface DrawContext {
  readonly chart: Chart;
  readonly parts: PictureParts;
  readonly spans: ReadonlyMap<TaskKey, readonly TaskSpan[]>;
}

function drawLine(line: TreeLine, { chart, parts, spans }: DrawContext): string {
  const own = spans.get(line.key) ?? [];
  const fired = parts.history.find(
    ({ event }) => event.type === 'join.fired' && event.key === line.key,
  );
  const isShown = fired === undefined && own.length > 0;
  const note = isShown ? noteOf(own, parts.workers) : '';
  const bar = fired === undefined ? barOf(own, chart) : atColumn(chart, fired.at, JOIN_MARK);
  const columns = [line.label.padEnd(chart.labelWidth), note.padStart(NOTE_WIDTH), bar];
  return columns.join(GAP).trimEnd();
}

function noteOf(spans: readonly TaskSpan[], workers: ReadonlyMap<string, string>): string {
  const runs = spans.filter(({ worker }) => worker !== '');
  const hands = runs.map(({ worker }) => workers.get(worker) ?? worker.slice(0, 4));
  const last = runs.at(-1);
  return last === undefined ? '' : `${hands.join(' ')} ${`${last.to - last.from} ms`.padStart(8)}`;
}

function barOf(spans: readonly TaskSpan[], chart: Chart): string {
  const cells = Array.from({ length: chart.columns }, () => ' ');
  for (const { from, to, kind } of spans) {
    const first = columnOf(chart, from);
    const last = kind === 'waited' ? columnOf(chart, to) - 1 : columnOf(chart, to);
    for (let column = first; column <= last; column += 1) cells[column] = MARKS[kind];
  }
  return cells.join('');
}

function atColumn(chart: Chart, at: number, mark: string): string {
  return ' '.repeat(columnOf(chart, at)) + mark;
}

function columnOf({ start, end, columns }: Chart, at: number): number {
  return Math.min(columns - 1, Math.floor((columns * (at - start)) / (end - start)));
}
