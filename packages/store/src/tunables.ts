/** Settings that operators change while processes run (`lock.decide.timeToTry`, …); in force everywhere within 1 s. */
export interface TunableStore {
  get(name: string): Promise<string | null>;
  all(): Promise<Readonly<Record<string, string>>>;
  set(name: string, value: string): Promise<void>;
}
