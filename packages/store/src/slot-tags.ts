const SLOTS = 16_384;
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz';

/** The Redis Cluster slot of a hash tag (ASCII): CRC16 (XMODEM) modulo 16384, as in the cluster specification. */
export function slotOf(tag: string): number {
  let crc = 0;
  for (let i = 0; i < tag.length; i += 1) {
    crc ^= tag.charCodeAt(i) << 8;
    for (let bit = 0; bit < 8; bit += 1) {
      crc = ((crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021) & 0xffff;
    }
  }
  return crc % SLOTS;
}

const tagsByCount = new Map<number, readonly string[]>();

/**
 * One hash tag per partition, `<pp>` or `<pp><suffix>`, each in its own equal band of slots: nodes that share the slots
 * evenly share the partitions evenly. Depends on the number of partitions, which is fixed when a store is created.
 */
export function partitionTags(partitions: number): readonly string[] {
  const known = tagsByCount.get(partitions);
  if (known !== undefined) return known;
  const tags = Array.from({ length: partitions }, (_none, partition) =>
    tagInBand(partition, SLOTS / partitions),
  );
  tagsByCount.set(partitions, tags);
  return tags;
}

function tagInBand(partition: number, width: number): string {
  const hex = partition.toString(16).padStart(2, '0');
  // A band of 64 slots is met by one of 256 tags; 18,000 suffixes miss it with a probability of e^-71.
  for (const suffix of suffixes(3)) {
    const slot = slotOf(hex + suffix);
    if (slot >= partition * width && slot < (partition + 1) * width) return hex + suffix;
  }
  return hex;
}

function* suffixes(maxLength: number): Generator<string> {
  let last = [''];
  yield '';
  for (let length = 1; length <= maxLength; length += 1) {
    last = last.flatMap((head) => Array.from(ALPHABET, (letter) => head + letter));
    yield* last;
  }
}
