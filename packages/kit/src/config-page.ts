import { settings, type SettingEntry } from './config.ts';

const head = `# Configuration

Each process reads its configuration once, from environment variables. A wrong value or an unknown \`JOINERY_\` name stops
it with exit code 78 and a list of all problems. Durations and sizes carry their unit: \`500ms\`, \`60s\`, \`5m\`, \`24h\`, \`7d\`;
\`32KB\`, \`10MB\` (a KB is 1,024 bytes). A variable set to nothing counts as unset.

This page is made from the schema in \`packages/kit/src/config-schema.ts\` by \`npm run docs\`.
`;

/** The reference page of the configuration, as Markdown. */
export function renderConfigPage(): string {
  const sections = [...new Set(settings.map((setting) => setting.section))];
  return `${[head, ...sections.map(renderSection)].join('\n')}\n`;
}

function renderSection(section: string): string {
  const rows = settings.filter((setting) => setting.section === section).map(renderRow);
  return [
    `## ${section}\n`,
    '| variable | kind | default | range | what it does |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

function renderRow({ variable, doc }: SettingEntry): string {
  const byDefault = doc.byDefault === '' ? 'unset' : `\`${doc.byDefault}\``;
  const cells = [`\`${variable}\``, doc.kind, byDefault, doc.range, doc.description];
  return `| ${cells.join(' | ')} |`;
}
