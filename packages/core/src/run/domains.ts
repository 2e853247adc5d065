/** Domain of the workers by task type; `*` stands for every type that is not named, '' for no domain. */
export type Domains = Readonly<Record<string, string>>;

/** Conductor's word for the workers that have no domain. */
const NO_DOMAIN = 'NO_DOMAIN';

/**
 * What `taskToDomain` comes to. Of several domains the last is taken, as Conductor 3.30 does when nobody polls in the
 * others: who polls when is no part of a run.
 */
export function domainsOf(taskToDomain: Readonly<Record<string, string>>): Domains {
  return Object.fromEntries(
    Object.entries(taskToDomain).map(([taskType, list]) => {
      const last = list.split(',').at(-1)?.trim() ?? '';
      return [taskType, last === NO_DOMAIN ? '' : last];
    }),
  );
}

/** What every worker brings is no matter of domains, as Conductor's own tasks are not. */
const EVERYWHERE: ReadonlySet<string> = new Set(['HTTP']);

/** The type under which workers of the right domain ask for such tasks: `<domain>:<type>`, by Conductor's name for it. */
export function typeInDomain(domains: Domains, taskType: string): string {
  if (EVERYWHERE.has(taskType)) return taskType;
  const name = [taskType, '*'].find((each) => Object.hasOwn(domains, each));
  const domain = name === undefined ? '' : (domains[name] ?? '');
  return domain === '' ? taskType : `${domain}:${taskType}`;
}
