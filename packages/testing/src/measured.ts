/** Prints what a test has measured, one line, so that a report of the run shows figures beside the verdicts. */
export function measured(what: string, figures: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`measured ${what} ${JSON.stringify(figures)}\n`);
}
