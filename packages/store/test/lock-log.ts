import { type LockObserver, type LockUse } from '../src/locks/lock-tunables.ts';

/** Remembers what a provider reported. */
export class LockLog implements LockObserver {
  /** `<what> <use>`, in order. */
  readonly entries: string[] = [];
  readonly waits: number[] = [];
  readonly failures: unknown[] = [];

  waited(ms: number, use: LockUse): void {
    this.waits.push(ms);
    this.entries.push(`waited ${use}`);
  }

  missed(use: LockUse): void {
    this.entries.push(`missed ${use}`);
  }

  held(_ms: number, use: LockUse): void {
    this.entries.push(`held ${use}`);
  }

  lost(use: LockUse): void {
    this.entries.push(`lost ${use}`);
  }

  failed(error: unknown): void {
    this.failures.push(error);
  }
}
