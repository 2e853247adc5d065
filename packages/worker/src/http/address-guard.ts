import { joineryError } from '@joinery/core';
import ipaddr from 'ipaddr.js';

/** Where HTTP tasks may connect to. */
export interface AddressGuard {
  /** True when the host, as it is written in a URL, is trusted by name: its addresses are not judged. */
  trustsHost(host: string): boolean;
  /** True when this address may be connected to. */
  allows(address: string): boolean;
}

type Range = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/**
 * Public addresses, and what `allowed` names: host names, addresses and CIDR ranges, parted by commas. Everything else is
 * refused: private, loopback, link-local (where clouds keep metadata), multicast, reserved and unspecified addresses, and
 * IPv6 forms that carry an IPv4 address are judged by that one. Throws JN_REQUEST_INVALID for an entry that is neither.
 */
export function createAddressGuard(allowed: string): AddressGuard {
  const hosts = new Set<string>();
  const ranges: Range[] = [];
  for (const entry of allowed.split(',').map((each) => each.trim().toLowerCase())) {
    if (entry === '') continue;
    const range = rangeOf(entry);
    if (range !== null) ranges.push(range);
    else if (HOST_NAME.test(entry)) hosts.add(entry);
    else throw joineryError('JN_REQUEST_INVALID', { what: 'allow-list', problem: problem(entry) });
  }
  return {
    trustsHost: (host) => hosts.has(bareHost(host)),
    allows(text) {
      const address = parseAddress(text);
      return address !== null && (isPublic(address) || isIn(address, ranges));
    },
  };
}

/** The host of a URL without the brackets of IPv6 and the dot of an absolute name. */
export function bareHost(host: string): string {
  return host
    .replace(/^\[|\]$/gu, '')
    .replace(/\.$/u, '')
    .toLowerCase();
}

const HOST_NAME = /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/u;

function problem(entry: string): string {
  return `${entry} is no host name, address or CIDR range`;
}

function rangeOf(entry: string): Range | null {
  if (ipaddr.isValidCIDR(entry)) return ipaddr.parseCIDR(entry);
  const address = ipaddr.IPv4.isValidFourPartDecimal(entry) || entry.includes(':');
  if (!address || !ipaddr.isValid(entry)) return null;
  const parsed = ipaddr.process(entry);
  return [parsed, parsed.kind() === 'ipv4' ? 32 : 128];
}

/** The zone of a link-local address says nothing about where it leads. */
function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  const [bare = ''] = text.split('%');
  return ipaddr.isValid(bare) ? embedded(ipaddr.process(bare)) : null;
}

/** NAT64 (64:ff9b::/96) and 6to4 (2002::/16) lead to the IPv4 address that they carry. */
function embedded(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  const at = CARRIED_AT[address.range()];
  if (at === undefined) return address;
  return ipaddr.fromByteArray(address.toByteArray().slice(at, at + 4));
}

/** Where the bytes of the IPv4 address begin. */
const CARRIED_AT: Readonly<Record<string, number>> = { rfc6052: 12, '6to4': 2 };

/** Of IPv6 nothing outside 2000::/3 is routed; the library calls more of it unicast, `::10.0.0.1` too. */
function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== 'unicast') return false;
  const [first = 0] = address.toByteArray();
  return address.kind() === 'ipv4' || (first & 0xe0) === 0x20;
}

function isIn(address: ipaddr.IPv4 | ipaddr.IPv6, ranges: readonly Range[]): boolean {
  return ranges.some(([from, bits]) => from.kind() === address.kind() && address.match(from, bits));
}
