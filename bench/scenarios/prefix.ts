import { crowdScenario } from './crowd';

const STUDENT_COUNT = 1_000;

/** All students want a kind of sandbox that is one in ten of the pool. */
export const prefixScenario = crowdScenario({
  name: 'prefix',
  title: 'Name prefix: 1,000 students at the same instant, 10,000 sandboxes of which 1,000 match',
  valuePrefix: 'prefix',
  studentCount: STUDENT_COUNT,
  namePrefix: 'wanted-',
  pool: [
    { count: STUDENT_COUNT, namePrefix: 'wanted-' },
    { count: 9_000, namePrefix: 'bench-' },
  ],
  notes: ['There is one matching sandbox for each student, so that any 409 is false.'],
  charts: (values, context) => {
    const anyName = context.result('last-seats')?.values.last_seats_last_given_ms;
    const bars = [{ label: 'by prefix, among 10,000', value: values.prefix_last_given_ms ?? 0 }];
    if (anyName !== undefined) bars.unshift({ label: 'any name, among 1,000', value: anyName });
    return [{ title: 'Until the last of 1,000 sandboxes is given', axis: 'milliseconds', bars }];
  },
});
