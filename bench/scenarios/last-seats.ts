import { crowdScenario } from './crowd';

const STUDENT_COUNT = 1_000;

/** The pool has exactly one sandbox for each student. */
export const lastSeatsScenario = crowdScenario({
  name: 'last-seats',
  title: 'Last seats: 1,000 students at the same instant, 1,000 sandboxes',
  valuePrefix: 'last_seats',
  studentCount: STUDENT_COUNT,
  pool: [{ count: STUDENT_COUNT, namePrefix: 'bench-' }],
  notes: ['There is one sandbox for each student, so that any 409 is false.'],
  charts: () => undefined,
});
