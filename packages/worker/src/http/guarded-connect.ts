import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { buildConnector } from 'undici';
import { type AddressGuard, bareHost } from './address-guard.ts';

/** A connection that the guard does not allow. The message names no address: it may have come from a secret. */
export class AddressRefusedError extends Error {
  override readonly name = 'AddressRefusedError';
}

/** What a guarded connection is made with. */
export interface GuardedConnectOptions {
  readonly guard: AddressGuard;
  readonly timeoutMs: number;
  /** Default: the system's. */
  readonly lookup?: LookupFunction;
}

/**
 * Connects to addresses that the guard allows. A name is judged by the addresses that this very connection has resolved,
 * so that a name cannot change its mind between check and use; nothing is sent to an address that is refused.
 */
export function guardedConnect(options: GuardedConnectOptions): buildConnector.connector {
  const { guard, timeoutMs, lookup = systemLookup } = options;
  const trusting = buildConnector({ timeout: timeoutMs, lookup });
  const judging = buildConnector({ timeout: timeoutMs, lookup: judged(lookup, guard) });
  return (target, callback) => {
    const host = bareHost(target.hostname);
    if (guard.trustsHost(host)) {
      trusting(target, callback);
      return;
    }
    // Literal addresses are not looked up.
    if (isIP(host) !== 0 && !guard.allows(host)) {
      callback(new AddressRefusedError(REFUSED), null);
      return;
    }
    judging(target, (...[error, socket]) => {
      if (error !== null) callback(error, null);
      else if (isAllowed(guard, socket)) callback(null, socket);
      else {
        socket.destroy();
        callback(new AddressRefusedError(REFUSED), null);
      }
    });
  };
}

const REFUSED = 'the host has no address to which HTTP tasks may connect';

/** The address at the other end, whatever was asked for. */
function isAllowed(guard: AddressGuard, { remoteAddress }: Socket): boolean {
  return remoteAddress !== undefined && guard.allows(remoteAddress);
}

/** A lookup that knows no refused addresses. */
function judged(lookup: LookupFunction, guard: AddressGuard): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const list = typeof found === 'string' ? [{ address: found, family: isIP(found) }] : found;
      const allowed = error === null ? list.filter(({ address }) => guard.allows(address)) : [];
      const [first] = allowed;
      if (error !== null) callback(error, []);
      else if (first === undefined) callback(new AddressRefusedError(REFUSED), []);
      else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}
