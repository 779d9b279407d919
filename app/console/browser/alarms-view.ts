import type { Alarm, Alarms } from '../model/api-types';
import { inARow, phrase } from '../model/phrase';
import { relativeTime } from '../model/words';
import { byId, element, show } from './dom';
import { isolated, nodesOf } from './foreign-text';
import { table } from './table';

const WORDS = { ALARM: 'in alarm', INSUFFICIENT_DATA: 'no data', OK: 'ok' } as const;

/** The alarms, or why they cannot be told. */
export function showAlarms(alarms: Alarms, nowMs: number): void {
  show(byId('alarms'), ...content(alarms, nowMs));
}

function content(alarms: Alarms, nowMs: number): Node[] {
  if (!alarms.available) return [element('p', { class: 'quiet' }, isolated(alarms.reason))];
  const missing =
    alarms.missing.length === 0
      ? []
      : [
          element(
            'p',
            { class: 'note' },
            ...nodesOf(phrase`These should exist and do not: ${inARow(alarms.missing)}.`),
          ),
        ];
  return [
    ...missing,
    table({
      caption: 'Alarms',
      columns: ['Alarm', 'State', 'What it means', 'Runbook'],
      emptyText: 'There is no alarm.',
      rows: alarms.alarms.map((alarm) => ({ cells: cells(alarm, nowMs) })),
    }),
  ];
}

function cells(alarm: Alarm, nowMs: number): (Node | string | null)[] {
  const { state, since } = alarm;
  const isFiring = state === 'ALARM';
  return [
    isolated(alarm.name),
    element(
      'div',
      {},
      element(
        'span',
        { class: `badge ${isFiring ? 'bad' : state === 'OK' ? 'good' : 'plain'}` },
        WORDS[state],
      ),
      since !== null && element('div', { class: 'quiet' }, `since ${relativeTime(since, nowMs)}`),
    ),
    element(
      'div',
      {},
      alarm.description !== null && isolated(alarm.description),
      isFiring && alarm.reason !== null && element('div', { class: 'quiet' }, isolated(alarm.reason)),
    ),
    alarm.runbook === null ? null : element('code', { class: 'path' }, isolated(alarm.runbook)),
  ];
}
