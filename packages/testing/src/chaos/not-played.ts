/** Entries of the catalogue of faults that no scenario plays, and why. */
export const NOT_PLAYED: Readonly<Record<string, string>> = {
  R6: 'not yet: needs a Cluster',
  R12: 'refusal to start on a wrong Redis is tested where the check is',
  N3: 'workers of ours speak to Redis alone',
  N6: 'there is no live interface yet',
  L5: '`npm run soak`, for minutes, not for a day',
  L6: 'purges are tested in the scripts and in the soak; not a million at once',
  L7: 'there is no list view yet',
};
