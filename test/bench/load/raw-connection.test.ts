import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { RawConnection } from '../../../bench/load/raw-connection';

/** A server that answers each request with these chunks, a moment apart; without any it hangs up. */
let server: Server;
let chunks: string[];
let connection: RawConnection;
const sockets: Socket[] = [];

beforeEach(async () => {
  server = createServer((socket) => {
    sockets.push(socket);
    socket.setNoDelay(true);
    socket.on('data', () => void answerIn(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  connection = await RawConnection.open((server.address() as AddressInfo).port);
});

afterEach(async () => {
  connection.close();
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
  await once(server, 'close');
});

async function answerIn(socket: Socket): Promise<void> {
  if (chunks.length === 0) socket.end();
  for (const chunk of chunks) {
    socket.write(chunk);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('RawConnection', () => {
  it('reads status and body, one answer after the other on one connection', async () => {
    chunks = ['HTTP/1.1 201 Created\r\nContent-Length: 5\r\nX: y\r\n\r\nhello'];
    const first = await connection.send('POST / HTTP/1.1\r\n\r\n');
    chunks = ['HTTP/1.1 409 Conflict\r\ncontent-length: 0\r\n\r\n'];
    const second = await connection.send('POST / HTTP/1.1\r\n\r\n');

    expect(first).toMatchObject({ status: 201, body: 'hello' });
    expect(second).toMatchObject({ status: 409, body: '' });
    expect(second.startedAtMs).toBeGreaterThanOrEqual(first.endedAtMs);
  });

  it('waits for all of an answer that comes in pieces', async () => {
    chunks = ['HTTP/1.1 200 O', 'K\r\nContent-Length: 6\r', '\n\r\nhä', 'llo'];

    await expect(connection.send('GET / HTTP/1.1\r\n\r\n')).resolves.toMatchObject({
      status: 200,
      body: 'hällo',
    });
  });

  it('rejects when the connection is closed under the call, and ever after', async () => {
    chunks = [];

    await expect(connection.send('GET / HTTP/1.1\r\n\r\n')).rejects.toThrow(
      'The server closed the connection',
    );
    await expect(connection.send('GET / HTTP/1.1\r\n\r\n')).rejects.toThrow('The connection is closed');
  });

  it('rejects an answer whose length it cannot know', async () => {
    chunks = ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'];

    await expect(connection.send('GET / HTTP/1.1\r\n\r\n')).rejects.toThrow('without Content-Length');
  });
});
