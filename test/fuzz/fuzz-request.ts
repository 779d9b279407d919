import fc from 'fast-check';
import { METHODS } from 'node:http';
import { gzipSync } from 'node:zlib';
import { forgedCursor, type KnownWorld } from './known-world';
import { encodePart, inTarget, oddHeaderValue, oddText } from './odd-values';
import type { ListedRoute } from './route-list';

/** A request that HTTP allows, however little sense it makes. */
export interface FuzzRequest {
  method: string;
  target: string;
  /** As sent, repetitions included. */
  headers: [string, string][];
  body?: Buffer;
}

/** What was asked, in the words of the rules for answers. */
export function askedOf({ method, target }: FuzzRequest): { method: string; path?: string } {
  const path = target.split(/[?#]/, 1)[0] ?? '';
  // What is sent as a whole URL, the rules need not know.
  return path.startsWith('/') ? { method, path } : { method };
}

/** The same with an id to know its answer by, unless it has one of its own. */
export function identified(
  request: FuzzRequest,
  requestId: string,
): { request: FuzzRequest; requestId?: string } {
  if (request.headers.some(([name]) => name.toLowerCase() === 'x-request-id')) return { request };
  const headers: FuzzRequest['headers'] = [...request.headers, ['X-Request-ID', requestId]];
  return { request: { ...request, headers }, requestId };
}

const STATUSES = [
  'available',
  'allocated',
  'pending_deletion',
  'deletion_unconfirmed',
  'deletion_failed',
  'stale',
];

/** Requests to every route, and beside them: most with a valid token, about half of them sensible all through. */
export function fuzzRequest(routes: ListedRoute[], world: KnownWorld): fc.Arbitrary<FuzzRequest> {
  // What is open has no validation to get past, and little to break.
  const isApi = ({ template }: ListedRoute): boolean => template.startsWith(`${world.basePath}/`);
  const weighted = routes.map((route) => ({ weight: isApi(route) ? 4 : 1, arbitrary: fc.constant(route) }));
  return fc.oneof(...weighted).chain((route) =>
    fc
      .record({
        method: method(route),
        path: path(route, world),
        query: query(world),
        token: token(route, world),
        caller: caller(world),
        ours: fc.array(ourHeader(world), { maxLength: 3 }),
        odd: mostly(6, [], fc.array(oddHeader, { minLength: 1, maxLength: 6 })),
        payload: payload(),
      })
      .map(({ method, path, query, token, caller, ours, odd, payload }) => ({
        method,
        target: `${path}${query}`,
        headers: [...token, ...caller, ...ours, ...odd, ...payload.headers],
        body: payload.body,
      })),
  );
}

/** The first one, but once in `outOf` times something else. */
function mostly<T>(outOf: number, usual: T | fc.Arbitrary<T>, other: fc.Arbitrary<T>): fc.Arbitrary<T> {
  const arbitrary = usual instanceof fc.Arbitrary ? usual : fc.constant(usual);
  return fc.oneof({ weight: outOf - 1, arbitrary }, { weight: 1, arbitrary: other });
}

function method({ methods }: ListedRoute): fc.Arbitrary<string> {
  // CONNECT has no path: raw connections send it.
  const any = METHODS.filter((method) => method !== 'CONNECT');
  return mostly(9, fc.constantFrom(...methods), fc.constantFrom(...any));
}

function path({ template }: ListedRoute, world: KnownWorld): fc.Arbitrary<string> {
  const part = mostly(4, fc.constantFrom(...world.sandboxIds), oddText.map(encodePart));
  const parts = template.split('/').map((name) => (/^[:*]/.test(name) ? part : fc.constant(name)));
  const sensible = fc.tuple(...parts).map((all) => all.join('/'));
  const bent = fc
    .tuple(
      sensible,
      oddText,
      fc.constantFrom<(path: string, odd: string) => string>(
        (path) => `/${path}`,
        (path) => `${path}/`,
        (path) => `${path}//`,
        (path) => path.toUpperCase(),
        (path) => path.replaceAll('/', '//'),
        (path) => path.replace(/[a-z]/g, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
        (path) => path.replace('/v1', '/v1/.'),
        (path) => `http://broker.example${path}`,
        (path) => `http://[::1${path}`,
        (path) => `HTTPS://user:word@broker.example:99999${path}`,
        (path, odd) => `${path}/${encodePart(odd)}`,
        (path, odd) => `${path}${inTarget(odd)}`,
        (path, odd) => `${path}#${inTarget(odd)}`,
        (_path, odd) => `/${inTarget(odd)}`,
        (_path, odd) => `/${encodePart(odd)}`,
        () => '*',
      ),
    )
    .map(([path, odd, bend]) => bend(path, odd));
  return mostly(9, sensible, bent);
}

function query(world: KnownWorld): fc.Arbitrary<string> {
  const status = mostly(4, fc.constantFrom(...STATUSES), oddText);
  const knownCaller = fc.constantFrom(...world.callers);
  const parameter = fc.oneof(
    fc.tuple(fc.constant('status'), status),
    fc.tuple(fc.constant('caller'), mostly(4, knownCaller, oddText)),
    fc.tuple(fc.constant('limit'), mostly(4, fc.integer({ min: 1, max: 500 }).map(String), oddText)),
    fc.tuple(fc.constant('name_prefix'), mostly(4, fc.constantFrom(...world.namePrefixes), oddText)),
    fc.tuple(
      fc.constant('grace_period_hours'),
      mostly(4, fc.integer({ min: 0, max: 8_760 }).map(String), oddText),
    ),
    fc.tuple(
      fc.constantFrom('cursor', 'status[]', 'status[a]', '__proto__', 'constructor', 'after', 'q'),
      oddText,
    ),
  );
  const some = fc
    .array(parameter, { minLength: 1, maxLength: 3 })
    .map((all) => `?${all.map(([name, value]) => `${name}=${encodePart(value)}`).join('&')}`);
  const bulkDelete = fc.constantFrom('?status=stale', '?status=deletion_failed');
  const odd = oddText.map((text) => `?${inTarget(text)}`);
  const none = fc.constant('');
  return fc.oneof(
    { weight: 6, arbitrary: none },
    { weight: 4, arbitrary: some },
    { weight: 1, arbitrary: bulkDelete },
    { weight: 2, arbitrary: cursor(world) },
    { weight: 1, arbitrary: odd },
  );
}

/** Cursors that were given out, and some that pass for ours, with places that no list has. */
function cursor({ listings, sandboxIds }: KnownWorld): fc.Arbitrary<string> {
  const listing = fc.constantFrom(...listings);
  const id = mostly(3, fc.constantFrom(...sandboxIds), oddText);
  const order = fc.oneof(fc.maxSafeNat(), oddText, fc.constantFrom(0, -1, 0.5, 1e300, null));
  const row = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(id, order) },
    { weight: 1, arbitrary: fc.jsonValue() },
  );
  const segment = mostly<unknown>(5, fc.nat({ max: 39 }), fc.jsonValue());
  const text = fc.oneof(
    listing.map((each) => ({ ...each })),
    fc
      .tuple(listing, segment, row)
      .map(([each, segment, row]) => ({ ...each, cursor: forgedCursor(each, segment, row) })),
  );
  return text.map(({ filter, cursor }) => `?${filter}&cursor=${cursor}`);
}

type Headers = [string, string][];

function token({ template }: ListedRoute, world: KnownWorld): fc.Arbitrary<Headers> {
  const isAdmin = template.startsWith(`${world.basePath}/admin`);
  const bearer = (value: string): Headers => [['Authorization', `Bearer ${value}`]];
  return mostly(
    12,
    bearer(isAdmin ? world.adminToken : world.trackToken),
    fc.oneof(
      fc.constant<Headers>([]),
      fc.constant(bearer(isAdmin ? world.trackToken : world.adminToken)),
      oddHeaderValue.map((value): Headers => [['Authorization', value]]),
      oddHeaderValue.map(bearer),
    ),
  );
}

function caller(world: KnownWorld): fc.Arbitrary<Headers> {
  const known = fc.constantFrom(...world.callers);
  const name = mostly(4, 'X-Instruqt-Sandbox-ID', fc.constant('X-Track-ID'));
  return mostly(
    10,
    fc.tuple(name, known).map((header): Headers => [header]),
    fc.oneof(
      fc.constant<Headers>([]),
      fc.tuple(name, oddHeaderValue).map((header): Headers => [header]),
      fc.array(fc.tuple(name, known), { minLength: 2, maxLength: 3 }),
    ),
  );
}

function ourHeader(world: KnownWorld): fc.Arbitrary<[string, string]> {
  const key = mostly(4, fc.constantFrom('key-1', 'key-2', 'key/3#?'), oddHeaderValue);
  return fc.oneof(
    fc.tuple(fc.constant('Idempotency-Key'), key),
    fc.tuple(fc.constant('X-Instruqt-Track-ID'), mostly(4, 'intro-lab', oddHeaderValue)),
    fc.tuple(
      fc.constant('X-Sandbox-Name-Prefix'),
      mostly(10, fc.constantFrom(...world.namePrefixes), oddHeaderValue),
    ),
  );
}

const ODD_HEADERS = [
  'X-Forwarded-For',
  'X-Forwarded-Proto',
  'X-Forwarded-Host',
  'Forwarded',
  'Origin',
  'Access-Control-Request-Method',
  'Access-Control-Request-Headers',
  'Accept',
  'Accept-Encoding',
  'Accept-Charset',
  'Range',
  'If-None-Match',
  'If-Modified-Since',
  'Cookie',
  'Host',
  'X-Request-ID',
  'X-HTTP-Method-Override',
  'X-Instruqt-Sandbox-ID',
  'Idempotency-Key',
  'Upgrade',
  'TE',
  'Via',
  '__proto__',
  'constructor',
];

const oddHeader: fc.Arbitrary<[string, string]> = fc.oneof(
  fc.tuple(fc.constantFrom(...ODD_HEADERS), oddHeaderValue),
  fc.tuple(fc.stringMatching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,40}$/), oddHeaderValue).filter(
    // These say how the message is framed: raw connections try what is wrong there.
    ([name]) => !/^(connection|content-length|transfer-encoding|expect|trailer|keep-alive)$/i.test(name),
  ),
);

const RUNNER_BODY = fc
  .record({
    runner: mostly(5, fc.constantFrom('worker', 'api', 'none'), oddText),
    reason: mostly(3, 'maintenance', oddText),
  })
  .map((body) => JSON.stringify(body));

function payload(): fc.Arbitrary<{ headers: Headers; body?: Buffer }> {
  const text = fc.oneof(
    { weight: 6, arbitrary: RUNNER_BODY },
    { weight: 2, arbitrary: fc.json() },
    { weight: 1, arbitrary: oddText },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '{"runner":"api","reason":"x","__proto__":{"a":1}}',
        '{"__proto__":null,"constructor":{"prototype":1}}',
        '{"runner":{"$ne":null},"reason":["x"]}',
        '{"runner":"api","reason":"\\ud800"}',
        '['.repeat(8_000),
        `${'['.repeat(8_000)}${']'.repeat(8_000)}`,
        '\ufeff{}',
        '{"a":1e999}',
        ' ',
        'x'.repeat(16_384),
        'x'.repeat(16_385),
        'x'.repeat(40_000),
      ),
    },
  );
  const bytes = fc.oneof(
    { weight: 6, arbitrary: text.map((each) => Buffer.from(each)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((each) => Buffer.from(each)) },
  );
  const encoding = mostly<string | undefined>(
    6,
    undefined,
    fc.constantFrom('gzip', 'deflate', 'br', 'identity', 'GZIP', 'zstd', 'x, gzip', ''),
  );
  const type = mostly(
    4,
    'application/json',
    fc.constantFrom(
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/json; charset=utf-16',
      'application/json; charset=koi8-r',
      'application/json; charset="',
      'application/json;;;',
      '/',
    ),
  );
  const some = fc
    .record({
      bytes,
      encoding,
      type,
      isCompressed: fc.boolean(),
      isChunked: mostly(5, false, fc.constant(true)),
    })
    .map(({ bytes, encoding, type, isCompressed, isChunked }) => {
      const body = isCompressed && encoding?.toLowerCase() === 'gzip' ? gzipSync(bytes) : bytes;
      const headers: Headers = [
        ['Content-Type', type],
        isChunked ? ['Transfer-Encoding', 'chunked'] : ['Content-Length', String(body.length)],
      ];
      if (encoding !== undefined) headers.push(['Content-Encoding', encoding]);
      return { headers, body };
    });
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant({ headers: [] as Headers }) },
    { weight: 1, arbitrary: some },
  );
}
