import { z } from 'zod';
import { flag, whole } from '../request-shape.ts';

/** What every search of Conductor takes. `classifier` is accepted: runs have none. */
export const searchQuery = z.object({
  start: whole(0, 1_000_000).default(0),
  // Conductor's own bound.
  size: whole(0, 5_000).default(100),
  sort: z.string().max(100).default(''),
  freeText: z.string().max(1_000).default('*'),
  query: z.string().max(10_000).default(''),
  classifier: z.string().optional(),
  topLevelOnly: flag(false),
});
