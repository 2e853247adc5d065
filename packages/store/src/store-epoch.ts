/** One server's time as the holder of the store. It ends with a restart, a failover, or a restore. */
export interface EpochObservation {
  /** From 1; grows with each other server. */
  readonly epoch: number;
  /** Another server than at the last observation of any process: acknowledged writes may be missing. */
  readonly isNew: boolean;
}

/** Notices that Redis is not the one that it was. */
export interface StoreEpoch {
  /** Which server is it, and is that news? Changes nothing. */
  peek(): Promise<EpochObservation & { readonly identity: string }>;
  /** Note the server; of many that note the same change one reads `isNew`. Idempotent. */
  note(identity: string): Promise<EpochObservation>;
}
