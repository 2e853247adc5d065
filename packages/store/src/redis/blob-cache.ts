import { type Json } from '@joinery/core';

/** A blob as it was read, and what it takes up here. */
interface CachedBlob {
  readonly value: Json;
  readonly size: number;
}

/**
 * Holds some lists of the widest forks, and is little beside a process' heap. A decision on a wide fork comes in steps
 * of 256 rows, each of which reads the list of all branches.
 */
const SIZE_LIMIT = 16 * 1024 ** 2;

/**
 * Blobs that decisions have read, by their keys. A blob never changes and its key is never given again, so what is here
 * is right for as long as anything names it. Whoever reads them must not change them. Forgets what was used longest ago;
 * losing all of it costs reading.
 */
export class BlobCache {
  readonly #sizeLimit: number;
  readonly #blobs = new Map<string, CachedBlob>();
  #size = 0;

  /** `sizeLimit` in characters of JSON text. */
  constructor(sizeLimit = SIZE_LIMIT) {
    this.#sizeLimit = sizeLimit;
  }

  get(key: string): Json | undefined {
    const blob = this.#blobs.get(key);
    if (blob === undefined) return undefined;
    this.#blobs.delete(key);
    this.#blobs.set(key, blob);
    return blob.value;
  }

  set(key: string, value: Json, size: number): void {
    this.#forget(key);
    if (size > this.#sizeLimit) return;
    this.#blobs.set(key, { value, size });
    this.#size += size;
    for (const oldest of this.#blobs.keys()) {
      if (this.#size <= this.#sizeLimit) return;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    this.#size -= this.#blobs.get(key)?.size ?? 0;
    this.#blobs.delete(key);
  }
}
