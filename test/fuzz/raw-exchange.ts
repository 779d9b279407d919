import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from '../http/http-client';
import type { RawRequest } from './raw-request';

/** Nothing has come for so long: there will be no more answers. Being wrong here only means to have looked at fewer. */
const QUIET_MS = 150;
/** Our side has hung up: so long may the other side take to do it, too. */
const CLOSE_TIMEOUT_MS = 15_000;

/**
 * Writes the pieces to a connection of its own, waits until nothing more comes, and hangs up.
 *
 * @returns the answers, and what is wrong with how they came.
 */
export async function exchangeRaw(
  port: number,
  pieces: RawRequest,
): Promise<{ answers: Answer[]; faults: string[] }> {
  const received: Buffer[] = [];
  let lastAtMs = Date.now();
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('data', (chunk: Buffer) => {
    received.push(chunk);
    lastAtMs = Date.now();
  });
  let isReset = false;
  // Whoever is refused in the middle of a long request gets a reset.
  socket.on('error', () => {
    isReset = true;
  });
  for (const piece of pieces) {
    if (!socket.destroyed) socket.write(piece);
    await delay(1);
  }
  while (!socket.closed && Date.now() - lastAtMs < QUIET_MS) await delay(10);
  if (!socket.closed) socket.end();
  const deadlineMs = Date.now() + CLOSE_TIMEOUT_MS;
  while (!socket.closed && Date.now() < deadlineMs) await delay(10);
  const isClosed = socket.closed;
  socket.destroy();
  const parsed = parseAnswers(Buffer.concat(received), isReset);
  return isClosed ? parsed : { ...parsed, faults: [...parsed.faults, 'the connection is kept'] };
}

/**
 * Splits what came over a connection into answers. Ours all say their length. Whoever sends on after the server has ended
 * the connection gets a reset, and with it TCP drops what was still on its way to him (RFC 9112, section 9.6): to one who
 * reads slowly that may be an answer before the last.
 */
function parseAnswers(received: Buffer, isReset: boolean): { answers: Answer[]; faults: string[] } {
  const answers: Answer[] = [];
  let rest = received;
  while (rest.length > 0) {
    const headEnd = rest.indexOf('\r\n\r\n');
    const head = rest.subarray(0, headEnd).toString('latin1');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]);
    if (headEnd < 0 && isReset) return { answers, faults: [] };
    if (headEnd < 0 || Number.isNaN(status)) {
      return { answers, faults: [`no answer: ${rest.subarray(0, 80).toString('latin1')}`] };
    }
    const headers = Object.fromEntries(
      head
        .split('\r\n')
        .slice(1)
        .map((line) => [
          line.slice(0, line.indexOf(':')).toLowerCase(),
          line.slice(line.indexOf(':') + 1).trim(),
        ]),
    );
    rest = rest.subarray(headEnd + 4);
    if (status === 100) continue;
    const hasBody = status !== 204 && status !== 304;
    const length = hasBody ? Number(headers['content-length']) : 0;
    if (length > rest.length && isReset) return { answers, faults: [] };
    if (!(length <= rest.length))
      return { answers, faults: [`a ${status} of ${rest.length} bytes, not ${length}`] };
    answers.push({ status, headers, text: rest.subarray(0, length).toString() });
    rest = rest.subarray(length);
    if (headers.connection === 'close' && rest.length > 0)
      return { answers, faults: ['something after the end'] };
  }
  return { answers, faults: [] };
}
