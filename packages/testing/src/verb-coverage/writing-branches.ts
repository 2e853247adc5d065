/*
 * Which branches of the verbs write, and which of those no simulation has executed.
 * A branch writes when a call of a port that is no view stands in it, a change of a decision's draft, or a call of a
 * function that writes; functions are known by their names, which a bundle makes unique.
 */
import { SourceMap, type SourceMapPayload } from 'node:module';
import { type CoveredBundle } from './covered-bundle.ts';

/** A writing branch that was not executed, or a writing function. */
export interface WritingBranch {
  /** Below `packages/`. */
  readonly file: string;
  /** The line on which it begins. */
  readonly line: string;
}

/** The writing code of the verbs. */
export interface WritingCode {
  /** Functions that write, and were executed. */
  readonly executed: number;
  readonly unexecuted: readonly WritingBranch[];
}

/** Whatever a verb calls of these is taken for a write, unless it is known to be none. */
const PORT_CALL =
  /\b(?:store|queue|nudges|gates|definitions|agenda|deadLetters|events|index|epochs|log|sentMarks)\d*\.(?!find|read|rows|list|history|payload|load\b|get|has|knows|due|taskTypes|attention|lockHolder|unsent\b|filter|flatMap|map|some|every|entries|size|length)\w+\(/;
const DRAFT_CHANGE =
  /\bdraft\d*\.(?:put|putData|send|arm|clear|record|arrive|leave|patchRun|repair)\(|\bdraft\d*\.hasMore = true/;

/** Where the verbs are. */
const VERBS = /packages\/((?:engine\/src|core\/src\/decide)\/.*)$/;

interface Covered {
  readonly name: string;
  readonly file: string;
  /** With everything inside of it. */
  readonly body: string;
  readonly isExecuted: boolean;
  readonly unexecuted: readonly { readonly text: string; readonly line: number }[];
}

/** Finds the writing code of the verbs in a bundle that was played. */
export function findWritingCode(bundle: CoveredBundle): WritingCode {
  const functions = verbsIn(bundle);
  const isWriting = writingTest(functions);
  const sources = sourceLines(bundle);
  const unexecuted = new Map<string, WritingBranch>();
  for (const each of functions) {
    for (const { text, line } of each.unexecuted) {
      if (!isWriting(text)) continue;
      const told = sources.get(each.file)?.[line]?.trim() ?? '';
      unexecuted.set(`${each.file} ${told}`, { file: each.file, line: told });
    }
  }
  const executed = functions.filter(({ isExecuted, body }) => isExecuted && isWriting(body)).length;
  return { executed, unexecuted: [...unexecuted.values()].toSorted(byPlace) };
}

function byPlace(a: WritingBranch, b: WritingBranch): number {
  return a.file === b.file ? (a.line < b.line ? -1 : 1) : a.file < b.file ? -1 : 1;
}

function verbsIn({ text, map, functions }: CoveredBundle): readonly Covered[] {
  const sourceMap = new SourceMap(asPayload(JSON.parse(map)));
  const starts = lineStarts(text);
  const placeOf = (offset: number): { readonly file: string; readonly line: number } | null => {
    const from = offset + text.slice(offset).search(/[^\s{})]/);
    const line = lineAt(starts, from);
    const entry = sourceMap.findEntry(line, from - (starts[line] ?? 0));
    if (!('originalSource' in entry)) return null;
    const file = VERBS.exec(entry.originalSource)?.[1];
    return file === undefined ? null : { file, line: entry.originalLine };
  };
  return functions.flatMap(({ functionName, ranges }) => {
    const [whole] = ranges;
    const place = whole && placeOf(whole.startOffset);
    if (whole === undefined || !place) return [];
    const unexecuted = ranges.flatMap(({ startOffset, endOffset, count }) => {
      const at = count === 0 ? placeOf(startOffset) : null;
      return at?.file === place.file
        ? [{ text: text.slice(startOffset, endOffset), line: at.line }]
        : [];
    });
    const body = text.slice(whole.startOffset, whole.endOffset);
    return [
      { name: functionName, file: place.file, body, isExecuted: whole.count > 0, unexecuted },
    ];
  });
}

/** Functions that call what writes, write: until nobody new is found. */
function writingTest(functions: readonly Covered[]): (text: string) => boolean {
  const writers = new Set<string>();
  let callOfWriter = /$^/;
  const isWriting = (text: string): boolean =>
    PORT_CALL.test(text) || DRAFT_CHANGE.test(text) || callOfWriter.test(text);
  for (let known = -1; known < writers.size;) {
    known = writers.size;
    for (const { name, body } of functions) {
      // Its own head is no call of it.
      if (/^\w+$/.test(name) && isWriting(body.slice(body.indexOf('{')))) writers.add(name);
    }
    callOfWriter = new RegExp(`(?<![\\w.])(?:${[...writers].join('|')})\\(`);
  }
  return (text) => isWriting(text.replace(/^(?:async )?function\*? \w+\(/, ''));
}

function sourceLines({ map }: CoveredBundle): ReadonlyMap<string, readonly string[]> {
  const { sources, sourcesContent } = asPayload(JSON.parse(map));
  return new Map(
    sources.flatMap((source, index): [string, readonly string[]][] => {
      const file = VERBS.exec(source)?.[1];
      return file === undefined ? [] : [[file, (sourcesContent[index] ?? '').split('\n')]];
    }),
  );
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** The last line that starts at or before the offset. */
function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

function asPayload(json: SourceMapPayload): SourceMapPayload {
  return json;
}
