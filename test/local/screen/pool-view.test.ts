import type { StatusCounts } from '../../../app/store/sandbox-store';
import { describePool, watchPool } from '../../../local/screen/pool-view';
import { waitUntil } from '../wait-until';

const COUNTS: StatusCounts = {
  available: 47,
  allocated: 2,
  pending_deletion: 1,
  deletion_unconfirmed: 0,
  deletion_failed: 0,
  stale: 0,
};

it('names every status with its count', () => {
  expect(describePool(COUNTS)).toBe(
    'Pool: 47 available · 2 allocated · 1 pending deletion · 0 unconfirmed · 0 failed · 0 stale',
  );
});

it('marks a status that could not be counted', () => {
  const counts = { ...COUNTS, stale: undefined };
  expect(describePool(counts)).toMatch(/^Pool: 47 available .* \? stale$/);
});

it('goes on looking when the table does not answer', async () => {
  const answers = [() => Promise.reject(new Error('down')), () => Promise.resolve(COUNTS)];
  const shown: string[] = [];
  const stop = watchPool(
    { countByStatus: () => (answers.shift() ?? (() => Promise.resolve(COUNTS)))() },
    (line) => shown.push(line),
    1,
  );

  await waitUntil(() => shown.length >= 2);
  stop();
  expect(shown.slice(0, 2)).toEqual(['Pool: the table does not answer', describePool(COUNTS)]);
});

it('shows nothing more once it is ended', async () => {
  const shown: string[] = [];
  let answer: (counts: StatusCounts) => void = () => undefined;
  const asked = new Promise<StatusCounts>((resolve) => (answer = resolve));
  const stop = watchPool({ countByStatus: () => asked }, (line) => shown.push(line), 1);

  stop();
  answer(COUNTS);
  await asked;
  await Promise.resolve();
  expect(shown).toEqual([]);
});
