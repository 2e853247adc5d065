import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SCENARIOS } from './all-scenarios.ts';
import { type ChaosReport, chaosReportSchema } from './chaos-report.ts';
import { renderIndexPage } from './index-page.ts';
import { type RecordedSoak, renderSoakPage } from '../soak/soak-page.ts';
import { renderScenarioPage } from './scenario-page.ts';

const dir = fileURLToPath(new URL('../../../../docs/chaos/', import.meta.url));

/** Keeps a report for the pages. */
export function recordReport(report: ChaosReport): void {
  mkdirSync(join(dir, 'results'), { recursive: true });
  appendFileSync(resultsOf(report.scenario), `${JSON.stringify(report)}\n`);
}

/** The pages as they follow from scenarios and results, by their file names. */
export function renderChaosPages(): ReadonlyMap<string, string> {
  const recorded = SCENARIOS.map((scenario) => ({ scenario, reports: readReports(scenario.id) }));
  const pages = recorded.map(({ scenario, reports }) => {
    return [pageOf(scenario.id), renderScenarioPage(scenario, reports)] as const;
  });
  return new Map([[join(dir, 'README.md'), renderIndexPage(recorded)] as const, ...pages]);
}

/** Writes them. */
export function writeChaosPages(): void {
  mkdirSync(dir, { recursive: true });
  for (const [file, text] of renderChaosPages()) writeFileSync(file, text);
}

/** Writes what a soak came to. */
export function writeSoakPage(soak: RecordedSoak): void {
  writeFileSync(join(dir, 'soak.md'), renderSoakPage(soak));
}

function readReports(id: string): readonly ChaosReport[] {
  const file = resultsOf(id);
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  return lines
    .filter((line) => line !== '')
    .map((line) => chaosReportSchema.parse(JSON.parse(line)));
}

function resultsOf(id: string): string {
  return join(dir, 'results', `${id.toLowerCase()}.jsonl`);
}

function pageOf(id: string): string {
  return join(dir, `${id.toLowerCase()}.md`);
}
