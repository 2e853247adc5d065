import { type Entropy } from '@joinery/kit';
import { type Dice } from './dice.ts';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const LENGTH = 26;

/** Entropy of one simulated process: ids of the usual form, drawn from the simulation's seed. */
export function createSimEntropy(dice: Dice): Entropy {
  return {
    seed: () => dice.next(),
    randomId() {
      let id = '';
      let bits = 0;
      for (let index = 0; index < LENGTH; index += 1) {
        if (index % 6 === 0) bits = dice.next();
        id += ALPHABET[bits & 31] ?? '';
        bits >>>= 5;
      }
      return id;
    },
  };
}
