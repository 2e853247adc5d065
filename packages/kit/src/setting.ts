import { z } from 'zod';
import { formatDuration, parseDuration } from './duration.ts';
import { formatSize, parseSize } from './size.ts';

/** What the reference page says about a setting. */
export interface SettingDoc {
  readonly description: string;
  /** What kind of value is expected, with its unit. */
  readonly kind: string;
  /** As it would be written; empty when unset by default. */
  readonly byDefault: string;
  readonly range: string;
  /** Instead of `JOINERY_<SECTION>_<NAME>`. */
  readonly variable?: string;
  /** The value is never repeated in a message. */
  readonly isSecret?: boolean;
}

/** Where each setting's description lives; keyed by its schema. */
export const settingDocs = z.registry<SettingDoc>();

interface Bounds {
  readonly min: number;
  readonly max: number;
}

interface Common {
  readonly description: string;
  readonly variable?: string;
}

type Read = (text: string) => number | undefined;
type Setting<T> = z.ZodType<T, string | undefined>;

/** A duration such as `500ms`, in ms once read. */
export function durationSetting(
  byDefault: string,
  range: readonly [min: string, max: string],
  description: string,
): Setting<number> {
  const [min, max] = range.map((text) => parseDuration(text) ?? Number.NaN);
  const schema = bounded(
    parseDuration,
    formatDuration,
    'a duration such as `500ms`, `60s`, `5m`, `7d`',
    {
      min: min ?? 0,
      max: max ?? 0,
    },
  );
  return schema.prefault(byDefault).register(settingDocs, {
    description,
    kind: 'duration',
    byDefault,
    range: `${range[0]} - ${range[1]}`,
  });
}

/** A size such as `32KB`, in bytes once read. */
export function sizeSetting(
  byDefault: string,
  range: readonly [min: string, max: string],
  description: string,
): Setting<number> {
  const [min, max] = range.map((text) => parseSize(text) ?? Number.NaN);
  const schema = bounded(parseSize, formatSize, 'a size such as `32KB`, `10MB`', {
    min: min ?? 0,
    max: max ?? 0,
  });
  return schema.prefault(byDefault).register(settingDocs, {
    description,
    kind: 'size',
    byDefault,
    range: `${range[0]} - ${range[1]}`,
  });
}

/** A whole number; the unit says of what. */
export function countSetting(
  byDefault: number,
  range: readonly [min: number, max: number],
  doc: Common & { readonly unit: string },
): Setting<number> {
  const [min, max] = range;
  return bounded(parseCount, String, 'a whole number', { min, max })
    .prefault(String(byDefault))
    .register(settingDocs, {
      ...doc,
      kind: `number of ${doc.unit}`,
      byDefault: String(byDefault),
      range: `${min} - ${max}`,
    });
}

/** One of a few words. */
export function choiceSetting<const T extends string>(
  byDefault: NoInfer<T>,
  choices: readonly T[],
  doc: Common,
): Setting<T> {
  const isChoice = (text: string): text is T => choices.some((choice) => choice === text);
  const expected = `one of ${choices.map((choice) => `\`${choice}\``).join(', ')}`;
  const schema = z.string().transform((text, context): T => {
    if (isChoice(text)) return text;
    context.addIssue({ code: 'custom', message: `expected ${expected}` });
    return z.NEVER;
  });
  const range = choices.map((choice) => `\`${choice}\``).join(' ');
  return schema
    .prefault(byDefault)
    .register(settingDocs, { ...doc, kind: 'word', byDefault, range });
}

/** `true` or `false`. */
export function flagSetting(byDefault: boolean, description: string): Setting<boolean> {
  return z
    .stringbool({ truthy: ['true'], falsy: ['false'], error: 'expected `true` or `false`' })
    .prefault(String(byDefault))
    .register(settingDocs, {
      description,
      kind: 'flag',
      byDefault: String(byDefault),
      range: '`true` `false`',
    });
}

/** A word that must fit a pattern. */
export function textSetting(byDefault: string, pattern: RegExp, doc: Common): Setting<string> {
  return z
    .string()
    .regex(pattern, { error: `expected text that fits ${pattern.source}` })
    .prefault(byDefault)
    .register(settingDocs, { ...doc, kind: 'text', byDefault, range: `\`${pattern.source}\`` });
}

const redisUrlPattern = /^rediss?:\/\/[^\s,]+$/;
const redisUrlRange = '`redis://…` `rediss://…`';

/** The address of a Redis; unset by default. */
export function redisUrlSetting(doc: Common): z.ZodType<string | undefined, string | undefined> {
  return z
    .string()
    .regex(redisUrlPattern, { error: 'expected an address such as `redis://127.0.0.1:6379`' })
    .optional()
    .register(settingDocs, {
      ...doc,
      kind: 'address',
      byDefault: '',
      range: redisUrlRange,
      isSecret: true,
    });
}

/** Addresses of several Redises, parted by commas; none by default. */
export function redisUrlsSetting(description: string): Setting<readonly string[]> {
  return z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((url) => url.trim())
        .filter((url) => url !== ''),
    )
    .refine((urls) => urls.every((url) => redisUrlPattern.test(url)), {
      error: 'expected addresses such as `redis://a:6379,redis://b:6379`',
    })
    .prefault('')
    .register(settingDocs, {
      description,
      kind: 'addresses, parted by commas',
      byDefault: '',
      range: redisUrlRange,
      isSecret: true,
    });
}

/** A key that lets somebody in. */
export interface KeySetting {
  readonly id: string;
  readonly role: 'viewer' | 'operator' | 'admin';
  readonly secret: string;
}

// A colon would end the id; a secret that is short is guessed.
const keyPattern = /^([A-Za-z0-9_.-]{1,64}):(viewer|operator|admin):([^\s,]{16,255})$/;

/** Keys as `<id>:<role>:<secret>`, parted by commas; none by default. */
export function keysSetting(description: string): Setting<readonly KeySetting[]> {
  return z
    .string()
    .transform((text, context): readonly KeySetting[] => {
      const parts = text.split(',').filter((part) => part.trim() !== '');
      const keys = parts.flatMap((part) => keyOf(part.trim()));
      const isWhole = keys.length === parts.length;
      if (isWhole && new Set(keys.map(({ id }) => id)).size === keys.length) return keys;
      const message =
        'expected `<id>:viewer|operator|admin:<secret of 16 to 255 characters>,…`, each id once';
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    })
    .prefault('')
    .register(settingDocs, {
      description,
      kind: 'keys, parted by commas',
      byDefault: '',
      range: '`<id>:viewer|operator|admin:<secret>`',
      isSecret: true,
    });
}

function keyOf(text: string): readonly KeySetting[] {
  const [, id = '', role = '', secret = ''] = keyPattern.exec(text) ?? [];
  return role === 'viewer' || role === 'operator' || role === 'admin' ? [{ id, role, secret }] : [];
}

/** A text that nobody may read; unset by default. */
export function secretSetting(doc: Common): z.ZodType<string | undefined, string | undefined> {
  return z
    .string()
    .min(32, { error: 'expected at least 32 characters' })
    .optional()
    .register(settingDocs, {
      ...doc,
      kind: 'secret',
      byDefault: '',
      range: 'at least 32 characters',
      isSecret: true,
    });
}

function parseCount(text: string): number | undefined {
  return /^\d{1,15}$/.test(text.trim()) ? Number(text) : undefined;
}

function bounded(
  read: Read,
  write: (value: number) => string,
  expected: string,
  bounds: Bounds,
): z.ZodType<number, string> {
  const { min, max } = bounds;
  return z.string().transform((text, context): number => {
    const value = read(text);
    if (value !== undefined && value >= min && value <= max) return value;
    const message =
      value === undefined ? `expected ${expected}` : `expected ${write(min)} to ${write(max)}`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}
