import fc from 'fast-check';
import { fuzzRequest, type FuzzRequest } from './fuzz-request';
import type { KnownWorld } from './known-world';
import type { ListedRoute } from './route-list';

/** What is written to a connection, in pieces that may part anywhere. */
export type RawRequest = Buffer[];

/** As people can read it. */
export function shownRaw(pieces: RawRequest): string {
  return pieces.map((piece) => JSON.stringify(piece.toString('latin1'))).join(' + ');
}

/** Bytes that are HTTP, or were before something happened to them: lost, repeated, garbled, joined, cut off. */
export function rawRequest(routes: ListedRoute[], world: KnownWorld): fc.Arbitrary<RawRequest> {
  // To a HEAD the length is no length, which only who sent it can know.
  const sane = fuzzRequest(routes, world)
    .filter(({ method }) => method !== 'HEAD')
    .map(serialized);
  const one = fc.oneof(
    { weight: 5, arbitrary: fc.tuple(sane, fc.array(change, { minLength: 1, maxLength: 3 })).map(changed) },
    { weight: 2, arbitrary: sane },
    { weight: 2, arbitrary: fc.constantFrom(...NOTORIOUS).map((text) => Buffer.from(text, 'latin1')) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
  );
  return fc
    .tuple(fc.array(one, { minLength: 1, maxLength: 3 }), fc.array(fc.nat({ max: 2_000 }), { maxLength: 3 }))
    .map(([requests, cuts]) => inPieces(Buffer.concat(requests), cuts));
}

/** Requests that servers have understood in different ways, and one that no HTTP/1 server should take. */
const NOTORIOUS = [
  'POST /v1/allocate HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n',
  'POST /v1/allocate HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde',
  'POST /v1/allocate HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nabcde',
  'POST /v1/allocate HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n',
  'POST /v1/allocate HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n',
  'POST /v1/allocate HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n',
  'POST /v1/allocate HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n',
  'GET /healthz HTTP/1.1\nHost: a\n\n',
  'GET /healthz HTTP/1.1\r\nHost: a\r\n folded: value\r\n\r\n',
  'GET /healthz HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n',
  'GET /healthz HTTP/0.9\r\n\r\n',
  'GET /healthz\r\n\r\n',
  'GET  /healthz HTTP/1.1\r\n\r\n',
  'GET /v1/sandboxes/\x00 HTTP/1.1\r\n\r\n',
  'GET http://[::1 HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET ftp://a/healthz HTTP/1.1\r\nHost: a\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n',
  'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA\r\n\r\n',
  'POST /v1/allocate HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc',
  'POST /v1/allocate HTTP/1.1\r\nHost: a\r\nExpect: a-miracle\r\nContent-Length: 3\r\n\r\nabc',
  `GET /healthz HTTP/1.1\r\n${'X: y\r\n'.repeat(3_000)}\r\n`,
  `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n\r\n`,
  '\r\n\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n',
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
];

function serialized({ method, target, headers, body }: FuzzRequest): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const isChunked = headers.some(([name]) => name === 'Transfer-Encoding');
  const head = Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines}\r\n`, 'latin1');
  if (!body) return head;
  if (!isChunked) return Buffer.concat([head, body]);
  const size = body.length === 0 ? '' : `${body.length.toString(16)}\r\n`;
  const end = body.length === 0 ? '0\r\n\r\n' : '\r\n0\r\n\r\n';
  return Buffer.concat([head, Buffer.from(size), body, Buffer.from(end)]);
}

interface Change {
  kind: 'drop' | 'repeat' | 'garble' | 'insert' | 'cut' | 'bare_newlines';
  at: number;
  length: number;
  bytes: Buffer;
}

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom<Change['kind']>('drop', 'repeat', 'garble', 'insert', 'cut', 'bare_newlines'),
  at: fc.nat({ max: 600 }),
  length: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 200 })),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
    fc
      .constantFrom(
        '\r\n',
        '\r',
        '\n',
        ':',
        ' ',
        '\t',
        '\0',
        '\r\n\r\n',
        '\r\nContent-Length: 7',
        '0\r\n\r\n',
        '%',
        '/',
        '?',
      )
      .map((text) => Buffer.from(text)),
  ),
});

function changed([request, changes]: [Buffer, Change[]]): Buffer {
  return changes.reduce((bytes, { kind, at, length, bytes: other }) => {
    const start = bytes.length === 0 ? 0 : at % bytes.length;
    const before = bytes.subarray(0, start);
    const middle = bytes.subarray(start, start + length);
    const after = bytes.subarray(start + length);
    switch (kind) {
      case 'drop':
        return Buffer.concat([before, after]);
      case 'repeat':
        return Buffer.concat([before, middle, middle, after]);
      case 'garble':
        return Buffer.concat([before, other, after]);
      case 'insert':
        return Buffer.concat([before, other, middle, after]);
      case 'cut':
        return before;
      case 'bare_newlines':
        return Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
    }
  }, request);
}

function inPieces(bytes: Buffer, cuts: number[]): Buffer[] {
  const ends = [...new Set(cuts.filter((cut) => cut > 0 && cut < bytes.length)), bytes.length].sort(
    (a, b) => a - b,
  );
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}
