/**
 * What a member of a definition does. `carried out`: the engine heeds it. `for people`: it is kept and shown, and means
 * nothing to the engine, in Conductor neither. `refused`: a definition that uses it is refused with JN_DEF_UNSUPPORTED.
 * `without effect`: it is accepted, because definitions that exist carry it, and changes nothing.
 */
export type FieldEffect = 'carried out' | 'for people' | 'refused' | 'without effect';

/** One member of a definition, for the reference page. */
export interface FieldFact {
  readonly effect: FieldEffect;
  /** What it does, or why it does nothing. */
  readonly says: string;
  /** Not in Conductor. */
  readonly isOurs?: true;
}

export const carriedOut = (says: string): FieldFact => ({ effect: 'carried out', says });
export const ours = (says: string): FieldFact => ({ ...carriedOut(says), isOurs: true });
export const forPeople = (says: string): FieldFact => ({ effect: 'for people', says });
export const refused = (says: string): FieldFact => ({ effect: 'refused', says });
export const withoutEffect = (says: string): FieldFact => ({ effect: 'without effect', says });
