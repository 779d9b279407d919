import { statsSchema } from '../../app/routes/contract/pool-operations';
import { statsBody } from '../../app/routes/stats-body';

const COUNTS = {
  available: 50,
  allocated: 30,
  pending_deletion: 20,
  deletion_unconfirmed: 4,
  deletion_failed: 2,
  stale: 1,
};

it('has the fields that it always had while everything is counted', () => {
  const body = statsBody({ total: 107, byStatus: COUNTS, givenUp: 1 }, undefined);

  expect(body).toEqual({ total: 107, ...COUNTS, deletion_given_up: 1, listed_after_deletion: null });
  expect(statsSchema.parse(body)).toEqual(body);
});

it('has null for what could not be counted, and names it', () => {
  const byStatus = { ...COUNTS, stale: undefined };
  const body = statsBody({ byStatus }, 0);

  expect(body).toEqual({
    total: null,
    ...byStatus,
    stale: null,
    deletion_given_up: null,
    listed_after_deletion: 0,
    uncounted: ['total', 'stale', 'deletion_given_up'],
  });
  expect(statsSchema.parse(body)).toEqual(body);
});
