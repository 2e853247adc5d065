import { randomFillSync } from 'node:crypto';

/** A source of chance. The pure core takes seeds from it as data and never draws itself. */
export interface Entropy {
  /** An identifier of at least 128 random bits, letters a-z and digits only: fit for keys, job ids and file names. */
  randomId(): string;
  /** A whole number, 0 to 2^32 - 1. */
  seed(): number;
}

/** 32 letters, so that five bits of a byte choose one without bias. */
const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
/** 26 letters of 5 bits are 130 bits. */
const idLength = 26;
/** Random bytes are drawn by the block: a system call for each id would cost more than the id. */
const blockBytes = 4_096;

/** Cryptographically strong chance of this machine. */
export const systemEntropy: Entropy = createEntropy((block) => {
  randomFillSync(block);
});

/** Entropy that repeats itself for the same seed (mulberry32). For tests and simulations only. */
export function createSeededEntropy(seed: number): Entropy {
  let state = seed >>> 0;
  return createEntropy((block) => {
    for (let index = 0; index < block.length; index += 1) {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      block[index] = (mixed ^ (mixed >>> 14)) & 0xff;
    }
  });
}

function createEntropy(fill: (block: Uint8Array) => void): Entropy {
  const block = new Uint8Array(blockBytes);
  let used = blockBytes;
  const nextByte = (): number => {
    if (used === blockBytes) {
      fill(block);
      used = 0;
    }
    used += 1;
    return block[used - 1] ?? 0;
  };
  return {
    randomId() {
      let id = '';
      for (let index = 0; index < idLength; index += 1) id += alphabet[nextByte() & 31] ?? '';
      return id;
    },
    seed: () => ((nextByte() << 24) | (nextByte() << 16) | (nextByte() << 8) | nextByte()) >>> 0,
  };
}
