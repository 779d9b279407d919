import type { Rollback, RollbackPage } from '../model/api-types';
import { duration, plainWords, relativeTime } from '../model/words';
import { byId, element, show } from './dom';
import { isolated } from './foreign-text';
import { table } from './table';

/** What alarms and people did, newest first. */
export function showRollbacks({ rollbacks, cursor }: RollbackPage, nowMs: number): void {
  show(
    byId('rollbacks'),
    table({
      caption: 'What alarms and people did',
      columns: ['What', 'When', 'By', 'Why', 'Steps'],
      emptyText: 'Nothing was rolled back, frozen or resumed so far.',
      rows: rollbacks.map((rollback) => ({ cells: cells(rollback, nowMs) })),
    }),
    cursor !== null &&
      element(
        'p',
        { class: 'quiet' },
        'Older ones: ',
        element('code', {}, 'npm run broker -- history --limit 100'),
      ),
  );
}

function cells(rollback: Rollback, nowMs: number): (Node | string | null)[] {
  const { cause, steps, is_finished: isFinished } = rollback;
  return [
    isolated(plainWords(rollback.action)),
    relativeTime(rollback.at, nowMs),
    element('div', {}, cause.kind === 'alarm' ? 'alarm ' : '', isolated(cause.name)),
    isolated(cause.reason),
    element(
      'div',
      {},
      !isFinished && element('span', { class: 'badge bad' }, 'not finished'),
      element(
        'ul',
        { class: 'steps' },
        ...steps.map(({ step, outcome, detail }) =>
          element(
            'li',
            { class: outcome === 'failed' ? 'failed' : undefined },
            `${plainWords(step)}: ${outcome}, `,
            isolated(detail),
          ),
        ),
      ),
      element('div', { class: 'quiet' }, `took ${duration(rollback.duration_ms / 1000)}`),
    ),
  ];
}
