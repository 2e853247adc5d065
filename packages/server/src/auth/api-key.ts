import { createHash, timingSafeEqual } from 'node:crypto';

/** What a key may do: look; start, operate and work; change definitions and administer. Each includes the ones before. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
/** One of {@link ROLES}. */
export type Role = (typeof ROLES)[number];

/** A key that clients show. */
export interface ApiKey {
  readonly id: string;
  readonly secret: string;
  readonly role: Role;
}

/** Who sends a request. */
export interface Principal {
  readonly id: string;
  readonly role: Role;
}

/** True when the role includes the wanted one. */
export function includesRole(role: Role, wanted: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(wanted);
}

/** Who shows this id and secret; null: nobody. Takes the same time whether id or secret is wrong. */
export function principalOfKey(
  keys: readonly ApiKey[],
  id: string,
  secret: string,
): Principal | null {
  let found: Principal | null = null;
  for (const key of keys) {
    const isKey = equals(key.id, id) && equals(key.secret, secret);
    if (isKey) found = { id: key.id, role: key.role };
  }
  return found;
}

/** Over hashes: of one length, whatever was sent. */
function equals(expected: string, given: string): boolean {
  return timingSafeEqual(digest(expected), digest(given));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
