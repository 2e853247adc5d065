import { joineryError } from '@joinery/core';

const loopbackAddress = /^(?:127(?:\.\d{1,3}){3}|::1|::ffff:127(?:\.\d{1,3}){3})$/;

/** True for an address or name that only this machine can reach. */
export function isLoopbackHost(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return bare === 'localhost' || loopbackAddress.test(bare);
}

/** The name in a `Host` header, without its port. */
export function hostNameOf(header: string): string {
  return header.replace(/:\d*$/, '');
}

/**
 * Refuses an address that others can reach: whoever reaches the API may start and read every run, and it asks for no
 * password. JN_CONFIG_INVALID, so that the process ends as with any other wrong setting.
 */
export function assertMayListen(host: string, isExposed: boolean): void {
  if (isExposed || isLoopbackHost(host)) return;
  const problem =
    `JOINERY_HTTP_HOST: expected a loopback address, found \`${host}\`; ` +
    'nobody is asked for a key: set JOINERY_AUTH_KEYS, or put a proxy that asks in front of it and say `joinery server --expose`';
  throw joineryError('JN_CONFIG_INVALID', { count: 1, problem, problems: [problem] });
}
