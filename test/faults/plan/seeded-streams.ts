import type { Random } from '../../../app/allocation/clock';
import { seededRandom } from '../../fakes/seeded-random';

/**
 * Random numbers from one seed for everybody who needs some, each in a stream of their own: what one does does not change
 * what another is dealt.
 */
export function seededStreams(seed: number): (name: string) => Random {
  return (name) => seededRandom(hash(`${seed}/${name}`));
}

/** FNV-1a (Fowler–Noll–Vo, 32 bits). */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}
