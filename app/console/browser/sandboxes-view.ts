import { STATUSES, type Sandbox, type SandboxPage } from '../model/api-types';
import { harmless, phrase } from '../model/phrase';
import { plainWords, relativeTime } from '../model/words';
import type { Actions } from './actions';
import { ApiError } from '../model/api-error';
import type { ApiClient } from './api-client';
import { byId, element, show } from './dom';
import { isolated } from './foreign-text';
import { Panel } from './panel';
import { table } from './table';

const PAGE_SIZE = 25;

interface Filter {
  status: string;
  caller: string;
  name: string;
  id: string;
}

/**
 * The sandboxes, a page at a time. Read when somebody asks, not again and again: rows that move while one reads them help
 * nobody.
 */
export class SandboxesView {
  readonly #panel = new Panel('sandboxes-as-of');
  #filter: Filter = { status: '', caller: '', name: '', id: '' };
  /** Where the pages begin that were shown so far; the last one is on the screen. */
  #starts: (string | undefined)[] = [undefined];
  #ending?: AbortSignal;
  /** Counts the readings: an answer that comes after a later question is not shown. */
  #reading = 0;

  constructor(
    private readonly client: ApiClient,
    private readonly actions: Actions,
    private readonly hooks: { onAnswer: () => void; onError: (error: ApiError) => void },
  ) {
    show(
      byId('filter-status'),
      element('option', { value: '' }, 'any'),
      ...STATUSES.map((status) => element('option', { value: status }, plainWords(status))),
    );
  }

  /** Listens to the filter until the signal says that it is over, and reads the first page. */
  start(signal: AbortSignal): void {
    this.#ending = signal;
    const form = byId('filter', HTMLFormElement);
    form.addEventListener(
      'submit',
      (event) => {
        event.preventDefault();
        this.#apply();
      },
      { signal },
    );
    // The fields are empty only after the event.
    form.addEventListener(
      'reset',
      () =>
        setTimeout(() => {
          this.#apply();
        }),
      { signal },
    );
    byId('filter-status').addEventListener(
      'change',
      () => {
        this.#apply();
      },
      { signal },
    );
    form.reset();
  }

  /** Reads the page that is shown once more. */
  async read(): Promise<void> {
    if (this.#isOver()) return;
    const reading = (this.#reading += 1);
    try {
      const page = await this.#load();
      if (this.#isOver()) return;
      this.hooks.onAnswer();
      if (reading !== this.#reading) return;
      this.#panel.fresh(Date.now());
      this.#show(page, Date.now());
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (this.#isOver()) return;
      if (reading === this.#reading) this.#panel.failed(error);
      this.hooks.onError(error);
    }
  }

  /** What comes later belongs to nobody: the token was forgotten. */
  #isOver(): boolean {
    return this.#ending?.aborted ?? false;
  }

  #apply(): void {
    const typed = (id: string): string => byId(id, HTMLInputElement).value.trim();
    this.#filter = {
      status: byId('filter-status', HTMLSelectElement).value,
      caller: typed('filter-caller'),
      name: typed('filter-name'),
      id: typed('filter-id'),
    };
    this.#starts = [undefined];
    void this.read();
  }

  async #load(): Promise<SandboxPage> {
    const { status, caller, name, id } = this.#filter;
    if (id !== '') {
      const found = await this.#find(id);
      const isWanted =
        found &&
        (status === '' || found.status === status) &&
        (caller === '' || found.allocated_to_track === caller) &&
        found.name.startsWith(name);
      return { sandboxes: isWanted ? [found] : [], cursor: null, unreadable: [], unread_shards: 0 };
    }
    const query = new URLSearchParams({ limit: String(PAGE_SIZE) });
    if (status !== '') query.set('status', status);
    if (caller !== '') query.set('caller', caller);
    if (name !== '') query.set('name_prefix', name);
    const cursor = this.#starts.at(-1);
    if (cursor !== undefined) query.set('cursor', cursor);
    return this.client.admin(`/sandboxes?${query.toString()}`);
  }

  async #find(id: string): Promise<Sandbox | undefined> {
    try {
      return await this.client.admin(`/sandboxes/${encodeURIComponent(id)}`);
    } catch (error) {
      if (error instanceof ApiError && error.options.code === 'SANDBOX_NOT_FOUND') return undefined;
      throw error;
    }
  }

  #show({ sandboxes, cursor, unreadable = [], unread_shards: unread = 0 }: SandboxPage, nowMs: number): void {
    show(
      byId('sandboxes'),
      table({
        caption: 'Sandboxes',
        columns: ['Name', 'Id', 'Status', 'Caller', 'Times', 'Action'],
        emptyText: 'No sandbox fits.',
        rows: sandboxes.map((sandbox) => ({ cells: this.#cells(sandbox, nowMs) })),
      }),
    );
    const button = (key: string, label: string, isUsable: boolean, go: () => void): HTMLElement => {
      const made = element('button', { type: 'button', 'data-key': key, disabled: !isUsable }, label);
      made.addEventListener('click', () => {
        go();
        void this.read();
      });
      return made;
    };
    const number = this.#starts.length;
    // Made anew each time: its listeners belong to this page's cursor.
    byId('paging').replaceChildren(
      button('previous', 'Previous', number > 1, () => this.#starts.pop()),
      element(
        'span',
        { role: 'status' },
        `Page ${number}${cursor === null ? ', the last one' : ''}`,
        ...(unreadable.length === 0 ? [] : ['; rows that cannot be read: ', isolated(unreadable.join(', '))]),
        ...(unread === 0 ? [] : ['; incomplete, because a part of the table does not answer']),
      ),
      button('next', 'Next', cursor !== null, () => this.#starts.push(cursor ?? undefined)),
      button('refresh', 'Refresh', true, () => undefined),
    );
  }

  #cells(sandbox: Sandbox, nowMs: number): (Node | string | null)[] {
    const { status, allocated_to_track: caller, track_name: track } = sandbox;
    const isBad = status === 'deletion_failed';
    return [
      isolated(sandbox.name, 'name'),
      isolated(sandbox.sandbox_id),
      element(
        'span',
        { class: `badge ${isBad ? 'bad' : status === 'available' ? 'good' : 'plain'}` },
        plainWords(status),
      ),
      caller === null
        ? '–'
        : element(
            'div',
            {},
            isolated(caller),
            track !== null && element('div', { class: 'quiet' }, isolated(track)),
          ),
      element('ul', { class: 'steps' }, ...timesOf(sandbox, nowMs).map((time) => element('li', {}, time))),
      isBad || status === 'deletion_unconfirmed' ? this.#retryButton(sandbox) : null,
    ];
  }

  #retryButton({ sandbox_id: id, name }: Sandbox): HTMLElement {
    const button = element(
      'button',
      {
        type: 'button',
        'data-key': `retry-${harmless(id)}`,
        'aria-label': `Retry the deletion of ${harmless(id)}`,
      },
      'Retry',
    );
    button.addEventListener('click', () => {
      void this.actions.ask(
        {
          title: phrase`Retry the deletion of ${id}?`,
          text: [
            phrase`Sandbox ${id}, “${name}”, is put in line again with all its attempts. The next cleanup deletes its account in the portal, for good.`,
          ],
          agree: 'Retry the deletion',
        },
        async (client) => {
          await client.admin(`/sandboxes/${encodeURIComponent(id)}/retry-deletion`, { method: 'POST' });
          return phrase`Sandbox ${id} waits for the next cleanup.`;
        },
      );
    });
    return button;
  }
}

function timesOf(sandbox: Sandbox, nowMs: number): string[] {
  const at = (words: string, seconds: number | null | undefined): string[] =>
    seconds === null || seconds === undefined ? [] : [`${words} ${relativeTime(seconds, nowMs)}`];
  switch (sandbox.status) {
    case 'available':
      return at('changed', sandbox.updated_at);
    case 'allocated':
      return [...at('allocated', sandbox.allocated_at), ...at('ends', sandbox.expires_at)];
    case 'pending_deletion':
    case 'deletion_unconfirmed':
    case 'deletion_failed':
      return [
        ...at('given back', sandbox.deletion_requested_at),
        ...at('deletion requested', sandbox.deletion_sent_at),
        ...(sandbox.deletion_retry_count ? [`attempts that failed: ${sandbox.deletion_retry_count}`] : []),
        ...(sandbox.deletion_given_up ? ['given up'] : at('next attempt', sandbox.next_attempt_at)),
      ];
    case 'stale':
      return at('stale since', sandbox.stale_since);
  }
}
