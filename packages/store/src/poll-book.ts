/** The last time at which a remote worker asked for tasks of a type. */
export interface Poll {
  readonly taskType: string;
  /** Empty: none. */
  readonly domain: string;
  readonly worker: string;
  /** ms since epoch. */
  readonly at: number;
}

/** Who polled when. For people: losing it loses no work. What is older than an hour is forgotten. */
export interface PollBook {
  /** Later polls of the same worker, type and domain replace earlier ones. */
  note(polls: readonly Poll[]): Promise<void>;
  /** Latest first. */
  list(): Promise<readonly Poll[]>;
}
