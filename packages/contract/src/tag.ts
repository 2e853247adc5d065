import { z } from 'zod';

/** A tag of a definition, handler, schedule or secret, as Orkes' clients send it. `type` is dropped, as there. */
export const tagSchema = z.object({
  key: z.string().min(1).max(255),
  value: z.string().max(1_024).default(''),
});

/** See {@link tagSchema}. */
export type ConductorTag = z.output<typeof tagSchema>;

/** Most tags of one thing. */
export const TAGS_LIMIT = 100;

/** Tags with others added; one that is there already is not there twice. */
export function withTags(
  tags: readonly ConductorTag[],
  added: readonly ConductorTag[],
): readonly ConductorTag[] {
  return [...tags, ...added].filter(
    (tag, index, all) => all.findIndex((each) => isSame(each, tag)) === index,
  );
}

/** Tags without some. */
export function withoutTags(
  tags: readonly ConductorTag[],
  removed: readonly ConductorTag[],
): readonly ConductorTag[] {
  return tags.filter((tag) => !removed.some((each) => isSame(each, tag)));
}

function isSame(a: ConductorTag, b: ConductorTag): boolean {
  return a.key === b.key && a.value === b.value;
}
