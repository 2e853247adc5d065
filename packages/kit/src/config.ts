import { joineryError } from '@joinery/core';
import { type Config, configSchema, configSections } from './config-schema.ts';
import { nearestWord } from './edit-distance.ts';
import { settingDocs, type SettingDoc } from './setting.ts';

/** One setting: where it is in `Config`, which variable holds it, and what the reference says. */
export interface SettingEntry {
  readonly section: string;
  readonly name: string;
  readonly variable: string;
  readonly doc: SettingDoc;
}

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

const variablePrefix = 'JOINERY_';

/** All settings, in the order of the reference page. */
export const settings: readonly SettingEntry[] = Object.entries(configSections).flatMap(
  ([section, schema]) =>
    Object.entries(schema.shape).map(([name, setting]) => {
      const doc = settingDocs.get(setting);
      if (!doc) throw new Error(`setting ${section}.${name} has no description`);
      return { section, name, variable: doc.variable ?? variableOf(section, name), doc };
    }),
);

/**
 * Reads the configuration from environment variables, and nothing else. A variable that is set to nothing counts as
 * unset, since that is how compose files and pod templates leave one out. Throws JN_CONFIG_INVALID with all problems in
 * `details.problems`, unknown `JOINERY_…` names included; the process should then exit with `exitCodes.config`.
 */
export function parseConfig(env: Environment): Config {
  const result = configSchema.safeParse(rawConfig(env));
  const problems = unknownNames(env);
  for (const issue of result.error?.issues ?? []) problems.push(problemOf(env, issue));
  const [problem] = problems;
  if (result.success && problem === undefined) return result.data;
  throw joineryError('JN_CONFIG_INVALID', {
    count: problems.length,
    problem: problem ?? 'none',
    problems,
  });
}

/** The configuration of this process: the one place that reads `process.env`. */
export function readConfig(): Config {
  return parseConfig(process.env);
}

/** The variables with these names, separated by commas, that are set in this process. */
export function readVariables(
  names: string,
  env: Environment = process.env,
): Record<string, string> {
  const listed = names.split(',').map((name) => name.trim());
  const set = listed.flatMap((name) => {
    const value = name === '' ? undefined : env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(set);
}

function variableOf(section: string, name: string): string {
  const words = name.replace(/(Ms|Bytes)$/, '').replaceAll(/[A-Z]/g, (letter) => `_${letter}`);
  return `${variablePrefix}${section}_${words}`.toUpperCase();
}

function rawConfig(env: Environment): Record<string, Record<string, string | undefined>> {
  const raw: Record<string, Record<string, string | undefined>> = {};
  for (const { section, name, variable } of settings) {
    const text = env[variable]?.trim();
    raw[section] = { ...raw[section], [name]: text === '' ? undefined : text };
  }
  return raw;
}

function unknownNames(env: Environment): string[] {
  const known = settings.map((setting) => setting.variable);
  return Object.keys(env)
    .filter((name) => name.startsWith(variablePrefix) && !known.includes(name))
    .toSorted()
    .map((name) => `${name} is not a setting; did you mean ${nearestWord(name, known) ?? 'none'}?`);
}

function problemOf(
  env: Environment,
  issue: { readonly path: readonly PropertyKey[]; readonly message: string },
): string {
  const [section, name] = issue.path;
  const setting = settings.find((each) => each.section === section && each.name === name);
  if (!setting) return issue.message;
  const found = env[setting.variable] ?? setting.doc.byDefault;
  const shown = setting.doc.isSecret ? 'a value that is not shown' : `\`${found}\``;
  return `${setting.variable}: ${issue.message}, found ${shown}`;
}
