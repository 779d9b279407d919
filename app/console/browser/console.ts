import { ApiError } from '../model/api-error';
import { IdleLimit } from '../model/idle-limit';
import { phrase, type Phrase } from '../model/phrase';
import { ApiClient } from './api-client';
import { Board } from './board';
import { Connection } from './connection';
import { byId, show } from './dom';
import { nodesOf } from './foreign-text';

/*
 * The operations console. The token lives in this module's memory only: not in storage, not in a URL, not in a cookie,
 * and not in the input field once it has been taken.
 */

/** A page that nobody has touched for that long forgets the token: it may stand open on an unlocked machine. */
const IDLE_LIMIT_MS = 30 * 60_000;
/** Only for a page on which nothing else happens: each event and each call checks as well. */
const IDLE_CHECK_MS = 15_000;
/** What a person does to a page. A click alone comes from a screen reader or a voice. */
const TOUCHES = ['keydown', 'pointerdown', 'click'] as const;

const connection = new Connection();
let client: ApiClient | undefined;
let board: Board | undefined;
let isSigningIn = false;
let idle = newIdleLimit();

function newIdleLimit(): IdleLimit {
  return new IdleLimit(IDLE_LIMIT_MS, {
    timeOfDayMs: () => Date.now(),
    monotonicMs: () => performance.now(),
  });
}

/** Forgets the token, and one that was typed and not sent, when nobody was here for too long. @returns whether so. */
function endIfIdle(): boolean {
  if (!idle.isOver()) return false;
  const hasToken = client !== undefined || byId('token', HTMLInputElement).value !== '';
  // Whoever types now is somebody, with a time of their own.
  idle = newIdleLimit();
  if (hasToken) forget('Nobody was here for 30 minutes, so the token was forgotten.');
  return hasToken;
}

function metaOf(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? '';
}

/** Back to the beginning; nothing that was shown stays. */
function forget(why: Phrase | string): void {
  client?.forgetToken();
  client = undefined;
  board?.stop();
  board = undefined;
  connection.reset();
  const dialog = byId('confirmation', HTMLDialogElement);
  if (dialog.open) dialog.close();
  byId('board').hidden = true;
  byId('forget').hidden = true;
  byId('sign-in').hidden = false;
  const token = byId('token', HTMLInputElement);
  token.value = '';
  token.setAttribute('aria-invalid', String(why.length > 0));
  show(byId('sign-in-error'), ...nodesOf(why));
  token.focus();
}

async function signIn(): Promise<void> {
  if (isSigningIn) return;
  isSigningIn = true;
  try {
    await tryToken();
  } finally {
    isSigningIn = false;
  }
}

async function tryToken(): Promise<void> {
  const field = byId('token', HTMLInputElement);
  const token = field.value.trim();
  show(byId('sign-in-error'));
  if (!/^[A-Za-z0-9\-._~+/]+=*$/.test(token)) {
    forget(token === '' ? 'Type or paste the token.' : 'A token has letters, digits and -._~+/= only.');
    return;
  }
  idle = newIdleLimit();
  const limit = idle;
  const candidate = new ApiClient(metaOf('broker-base-path'), token, () => !limit.isOver());
  try {
    // The cheapest of the admin calls: is the token any good?
    await candidate.admin('/jobs');
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // A token that nobody has refused need not be typed again.
    if (error.kind === 'token') forget(error.inWords);
    else show(byId('sign-in-error'), ...nodesOf(error.inWords));
    return;
  }
  field.value = '';
  byId('sign-in').hidden = true;
  byId('board').hidden = false;
  byId('forget').hidden = false;
  client = candidate;
  board = new Board({
    client,
    connection,
    environmentName: metaOf('broker-environment'),
    onToken: (error) => {
      if (!endIfIdle()) forget(phrase`${error.inWords} Type it again.`);
    },
  });
  board.start();
  byId('content').focus();
}

/** What nobody has foreseen is said all the same. */
function onFault(): void {
  show(
    byId('connection'),
    'This page has a fault and may not show everything. Reload it, and tell the platform team.',
  );
}

window.addEventListener('error', onFault);
window.addEventListener('unhandledrejection', onFault);
byId('sign-in-form').addEventListener('submit', (event) => {
  event.preventDefault();
  void signIn();
});
byId('forget').addEventListener('click', () => {
  forget('');
});
for (const type of TOUCHES) {
  // Before everything else that listens: what revives the page must do nothing in it.
  window.addEventListener(
    type,
    (event) => {
      if (!endIfIdle()) idle.touch();
      else {
        event.preventDefault();
        event.stopImmediatePropagation();
      }
    },
    { capture: true },
  );
}
// A tab that is looked at again, a page that comes back from the browser's cache, or from being frozen.
for (const type of ['visibilitychange', 'resume'] as const) document.addEventListener(type, endIfIdle);
for (const type of ['pageshow', 'focus'] as const) window.addEventListener(type, endIfIdle);
setInterval(endIfIdle, IDLE_CHECK_MS);

byId('sign-in').hidden = false;
byId('token').focus();
