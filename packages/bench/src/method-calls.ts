/** Calls of a port's methods, by name. */
export type MethodCalls = ReadonlyMap<string, number>;

/** The same object, and how often each of its methods has been called. */
export function countingCalls<Port extends object>(
  port: Port,
): { readonly port: Port; readonly calls: MethodCalls } {
  const calls = new Map<string, number>();
  const counting = aroundCalls(port, (name, call) => {
    calls.set(name, (calls.get(name) ?? 0) + 1);
    return call();
  });
  return { port: counting, calls };
}

/** The same object with `around` about each call of a method. */
export function aroundCalls<Port extends object>(
  port: Port,
  around: (name: string, call: () => unknown, args: readonly unknown[]) => unknown,
): Port {
  return new Proxy(port, {
    get(target, name): unknown {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function' || typeof name !== 'string') return member;
      return (...args: unknown[]) => around(name, () => Reflect.apply(member, target, args), args);
    },
  });
}
