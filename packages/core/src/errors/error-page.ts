import { errorCatalogue, type ErrorEntry } from './error-catalogue.ts';

const HEAD = `# Errors

Generated from the error catalogue of \`@joinery/core\`; do not edit. Categories say what happens next:
InvalidInput (correct and resend) · NotFound · Conflict (the state forbids it) · StaleOwner (somebody else owns it
now; stop) · StoreUnavailable (retry later) · Invariant (a defect or damaged data; a human must look).

| code | category | HTTP | message | what to do |
|---|---|---|---|---|
`;

/** The reference page of all errors, as Markdown. */
export function renderErrorPage(): string {
  const rows = Object.entries<ErrorEntry>(errorCatalogue).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return HEAD + rows.map(([code, entry]) => row(code, entry)).join('');
}

function row(code: string, entry: ErrorEntry): string {
  const cells = [`\`${code}\``, entry.category, String(entry.http), entry.template, entry.remedy];
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |\n`;
}
