import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { epochMs } from '../clock';

/** Stands for the status of a call that got none. */
export const NO_ANSWER = 0;

/** A call as the client saw it. */
export interface TimedAnswer {
  /** {@link NO_ANSWER} when the connection broke or stayed silent; the body says why. */
  status: number;
  body: string;
  /** Before the first byte was written. */
  startedAtMs: number;
  /** After the last byte was read. */
  endedAtMs: number;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const CALL_TIMEOUT_MS = 30_000;

/**
 * One kept-alive HTTP/1.1 connection, on a bare socket: the load shares the machine with what it measures, and
 * `node:http` would cost several times as much for each call. It reads what our API answers: a head with a
 * `Content-Length`, and a body of that length.
 */
export class RawConnection {
  #received: Buffer = Buffer.alloc(0);
  #pending?: { resolve: (answer: TimedAnswer) => void; reject: (error: Error) => void; startedAtMs: number };

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.setTimeout(CALL_TIMEOUT_MS);
    socket.on('data', (chunk) => {
      this.#receive(chunk);
    });
    socket.on('timeout', () => {
      if (this.#pending) socket.destroy(new Error(`No answer in ${CALL_TIMEOUT_MS} ms`));
    });
    socket.on('error', (error) => this.#pending?.reject(error));
    socket.on('close', () => this.#pending?.reject(new Error('The server closed the connection')));
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connect({ port, host: '127.0.0.1' });
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  /** Sends a whole request; one at a time. Rejects when the connection breaks or stays silent for 30 s. */
  send(request: string): Promise<TimedAnswer> {
    return new Promise((resolve, reject) => {
      if (this.socket.destroyed) {
        reject(new Error('The connection is closed'));
        return;
      }
      this.#pending = { resolve, reject, startedAtMs: epochMs() };
      this.socket.write(request, 'latin1');
    });
  }

  close(): void {
    this.socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd === -1) return;
    const head = this.#received.toString('latin1', 0, headEnd);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined) {
      this.socket.destroy(new Error(`An answer without Content-Length: ${head}`));
      return;
    }
    const bodyStart = headEnd + HEAD_END.length;
    if (this.#received.length < bodyStart + Number(length)) return;
    const endedAtMs = epochMs();
    const pending = this.#pending;
    this.#pending = undefined;
    const body = this.#received.toString('utf8', bodyStart, bodyStart + Number(length));
    this.#received = this.#received.subarray(bodyStart + Number(length));
    // "HTTP/1.1 201 Created"
    pending?.resolve({
      status: Number(head.slice(9, 12)),
      body,
      startedAtMs: pending.startedAtMs,
      endedAtMs,
    });
  }
}
