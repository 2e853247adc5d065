import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { type Principal, ROLES } from './api-key.ts';

const ALGORITHM = 'HS256';
const ISSUER = 'joinery';

const claims = z.object({ sub: z.string().min(1), role: z.enum(ROLES) });

/** Tokens that stand for a key for a while. */
export interface Tokens {
  issue(principal: Principal): Promise<string>;
  /** Null: forged, expired, or of another installation. */
  read(token: string): Promise<Principal | null>;
}

/** Tokens signed with one secret; every server that shares it takes them. `ttlSeconds` counts from the issue. */
export function createTokens(secret: Uint8Array, ttlSeconds: number): Tokens {
  return {
    issue: ({ id, role }) =>
      new SignJWT({ role })
        .setProtectedHeader({ alg: ALGORITHM })
        .setIssuer(ISSUER)
        .setSubject(id)
        .setIssuedAt()
        .setExpirationTime(`${ttlSeconds}s`)
        .sign(secret),
    async read(token) {
      try {
        const options = { algorithms: [ALGORITHM], issuer: ISSUER };
        const { sub: id, role } = claims.parse((await jwtVerify(token, secret, options)).payload);
        return { id, role };
      } catch {
        // Whatever is wrong with it, the answer is the same; the reason would help nobody but a forger.
        return null;
      }
    },
  };
}
