import { isJoineryError } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import { assertMayListen, hostNameOf, isLoopbackHost } from './loopback.ts';

describe('a host', () => {
  it.each(['127.0.0.1', '127.8.9.1', '::1', '[::1]', 'localhost', 'LOCALHOST', '::ffff:127.0.0.1'])(
    '%s is loopback',
    (host) => {
      expect(isLoopbackHost(host)).toBe(true);
      expect(() => {
        assertMayListen(host, false);
      }).not.toThrow();
    },
  );

  it.each(['0.0.0.0', '::', '192.168.1.2', 'evil.example', '127.0.0.1.evil.example', ''])(
    '%s is not, and is refused with a code unless it was asked for',
    (host) => {
      expect(isLoopbackHost(host)).toBe(false);
      expect(() => {
        assertMayListen(host, false);
      }).toThrow(expect.toSatisfy((error) => isJoineryError(error, 'JN_CONFIG_INVALID')));
      expect(() => {
        assertMayListen(host, true);
      }).not.toThrow();
    },
  );

  it.each([
    ['127.0.0.1:8080', '127.0.0.1'],
    ['[::1]:8080', '[::1]'],
    ['localhost', 'localhost'],
  ])('in the header %s is %s', (header, name) => {
    expect(hostNameOf(header)).toBe(name);
  });
});
