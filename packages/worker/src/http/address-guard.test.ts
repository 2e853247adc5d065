import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAddressGuard } from './address-guard.ts';

const guard = createAddressGuard('');

describe('an address guard', () => {
  it.each(['8.8.8.8', '93.184.216.34', '2606:2800:220:1::1', '::ffff:8.8.8.8', '64:ff9b::808:808'])(
    'allows the public address %s',
    (address) => {
      expect(guard.allows(address)).toBe(true);
    },
  );

  it.each([
    '127.0.0.1',
    '127.8.8.8',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '100.100.100.200',
    '0.0.0.0',
    '255.255.255.255',
    '224.0.0.1',
    '198.18.0.1',
    '192.0.0.192',
    '::',
    '::1',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd00:ec2::254',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:169.254.169.254',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::7f00:1',
    '2002:7f00:1::',
    '2002:a9fe:a9fe::1',
    '2001:0:7f00:1::',
    '2001:db8::1',
    'nonsense',
    '',
  ])('refuses %s', (address) => {
    expect(guard.allows(address)).toBe(false);
  });

  it('refuses each IPv6 form of a private IPv4 address', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(fc.constantFrom(10, 127), octet, octet, octet, (a, b, c, d) => {
        const hex = [a * 256 + b, c * 256 + d].map((part) => part.toString(16)).join(':');
        for (const form of [`::ffff:${hex}`, `64:ff9b::${hex}`, `2002:${hex}::1`, `::${hex}`]) {
          expect([form, guard.allows(form)]).toEqual([form, false]);
        }
      }),
    );
  });

  it('allows what its list names, in any form, and nothing beside it', () => {
    const open = createAddressGuard('10.1.0.0/16, ::1, 127.0.0.1, fd00::/8, Billing.internal');
    const allowed = ['10.1.2.3', '::ffff:10.1.2.3', '::1', '127.0.0.1', 'fd12::1'];
    expect(allowed.map((address) => open.allows(address))).toEqual(allowed.map(() => true));
    const refused = ['10.2.0.1', '127.0.0.2', '192.168.0.1', 'fc00::1'];
    expect(refused.map((address) => open.allows(address))).toEqual(refused.map(() => false));
    const hosts = ['billing.internal', 'BILLING.internal.', 'x.billing.internal', 'internal'];
    expect(hosts.map((host) => open.trustsHost(host))).toEqual([true, true, false, false]);
  });

  it.each(['10.0.0.0/99', 'a b', 'http://x', '*'])('refuses the entry %s of a list', (entry) => {
    expect(() => createAddressGuard(entry)).toThrow(
      expect.objectContaining({ code: 'JN_REQUEST_INVALID' }),
    );
  });
});
