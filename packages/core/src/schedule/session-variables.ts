import { renderTemplate } from '../expressions/evaluate.ts';
import { parseTemplate } from '../expressions/template.ts';
import { joineryError } from '../errors/joinery-error.ts';
import { isJsonObject, type Json, type JsonObject } from '../run/json.ts';

/** What the variables of a session are made of. Moments in ms since epoch. */
export interface Session {
  readonly schedule: string;
  readonly zone: string;
  readonly sessionAt: number;
  /** The sessions before and after it in the calendar, carried out or not. */
  readonly lastSessionAt: number | null;
  readonly nextSessionAt: number | null;
  /** The last session that has started a run: differs from the one before where firings were left out. */
  readonly lastExecutedSessionAt: number | null;
}

const PARTS = ['Time', 'Date', 'DateCompact', 'LocalTime', 'TzOffset', 'Unixtime'] as const;
const MOMENTS = ['session', 'lastSession', 'nextSession'] as const;

/** Every name that `sessionVariables` has. */
export const SESSION_VARIABLES: readonly string[] = [
  ...MOMENTS.flatMap((moment) => PARTS.map((part) => `${moment}${part}`)),
  'lastExecutedSessionTime',
  'timezone',
  'schedule',
];

/**
 * Digdag's session variables: `sessionTime` (with offset), `sessionDate`, `sessionDateCompact`, `sessionLocalTime`,
 * `sessionTzOffset`, `sessionUnixtime` in the zone of the schedule, the same for `lastSession…` and `nextSession…`,
 * `lastExecutedSessionTime`, `timezone`, `schedule`. What does not exist is null.
 */
export function sessionVariables(session: Session): JsonObject {
  const { zone, lastExecutedSessionAt } = session;
  const executed =
    lastExecutedSessionAt === null ? null : localParts(lastExecutedSessionAt, zone).Time;
  return {
    ...momentVariables('session', session.sessionAt, zone),
    ...momentVariables('lastSession', session.lastSessionAt, zone),
    ...momentVariables('nextSession', session.nextSessionAt, zone),
    lastExecutedSessionTime: executed,
    timezone: zone,
    schedule: session.schedule,
  };
}

/** The first expression of an input that reads something else than the session; null when there is none. */
export function inputProblem(input: JsonObject): string | null {
  const parsed = parseTemplate(input);
  if (!parsed.ok) return `workflow.input${parsed.place}: ${parsed.expression} ${parsed.problem}`;
  const stranger = parsed.template.roots.find((root) => !SESSION_VARIABLES.includes(root));
  if (stranger === undefined) return null;
  return `workflow.input reads \${${stranger}}, which no session has; write $\${ for a literal \${`;
}

/** The input of a run for a session. Throws JN_SCHEDULE_INVALID for one that `inputProblem` refuses. */
export function renderInput(input: JsonObject, session: Session): JsonObject {
  const variables = sessionVariables(session);
  const parsed = parseTemplate(input);
  const rendered = parsed.ok
    ? renderTemplate(parsed.template, (root) => {
        const value = Object.hasOwn(variables, root) ? variables[root] : undefined;
        return value === undefined ? { found: false } : { found: true, value };
      })
    : null;
  if (rendered?.ok && isJsonObject(rendered.value)) return rendered.value;
  const problem = rendered?.ok === false ? rendered.error.message : 'its input cannot be read';
  throw joineryError('JN_SCHEDULE_INVALID', { name: session.schedule, problem });
}

function momentVariables(
  name: (typeof MOMENTS)[number],
  at: number | null,
  zone: string,
): JsonObject {
  const parts = at === null ? null : localParts(at, zone);
  return Object.fromEntries(PARTS.map((part) => [`${name}${part}`, parts?.[part] ?? null]));
}

function localParts(at: number, zone: string): Readonly<Record<(typeof PARTS)[number], Json>> {
  const fields = new Map(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const field = (type: Intl.DateTimeFormatPartTypes): string => fields.get(type) ?? '';
  const date = `${field('year')}-${field('month')}-${field('day')}`;
  const time = `${field('hour')}:${field('minute')}:${field('second')}`;
  // `GMT+02:00`; UTC itself is `GMT`.
  const offset = field('timeZoneName').replace('GMT', '') || '+00:00';
  return {
    Time: `${date}T${time}${offset}`,
    Date: date,
    DateCompact: date.replaceAll('-', ''),
    LocalTime: `${date} ${time}`,
    TzOffset: offset.replace(':', ''),
    Unixtime: Math.floor(at / 1_000),
  };
}

const formats = new Map<string, Intl.DateTimeFormat>();
const FORMATS_LIMIT = 600;

/** Making a format costs a hundred times as much as using it. */
function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  if (formats.size >= FORMATS_LIMIT) formats.clear();
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'longOffset',
  });
  formats.set(zone, format);
  return format;
}
