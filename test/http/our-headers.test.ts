import { expectError } from './expect-error';
import { callRaw, type Answer } from './http-client';
import { startTestApi, TRACK_TOKEN, type TestApi } from './test-api';

let api: TestApi;

beforeEach(async () => {
  api = await startTestApi();
});

afterEach(async () => {
  await api.stop();
});

const OUR_HEADERS = [
  ['X-Instruqt-Sandbox-ID', 'caller'],
  ['X-Track-ID', 'caller'],
  ['X-Instruqt-Track-ID', 'trackName'],
  ['X-Sandbox-Name-Prefix', 'namePrefix'],
  ['Idempotency-Key', 'idempotencyKey'],
] as const;

/** Allocates with one header of ours, and with a caller where that header is not the caller's. */
async function allocateWith(header: string, value: string): Promise<Answer> {
  return api.callAsTrack('/v1/allocate', {
    method: 'POST',
    headers: { 'X-Instruqt-Sandbox-ID': header === 'X-Track-ID' ? '' : 'student-1', [header]: value },
  });
}

/** Bytes that Node's own client would refuse to send. */
async function allocateRawWith(header: string, value: Buffer): Promise<Answer> {
  const head = `POST /v1/allocate HTTP/1.1\r\nHost: broker\r\nConnection: close\r\nAuthorization: Bearer ${TRACK_TOKEN}\r\n`;
  const caller =
    header === 'X-Instruqt-Sandbox-ID' || header === 'X-Track-ID' ? '' : 'X-Track-ID: track-1\r\n';
  const before = Buffer.from(`${head}${caller}${header}: `);
  return callRaw(api.port, Buffer.concat([before, value, Buffer.from('\r\n\r\n')]));
}

describe.each(OUR_HEADERS)('%s', (header, part) => {
  it('reaches the service as it is, up to 256 characters', async () => {
    const value = `~ !"#$%&'()*+,-./:;<=>?@[]^_\`{|}A${'z'.repeat(223)}`;
    expect(value).toHaveLength(256);

    expect((await allocateWith(header, value)).status).toBe(201);
    expect(api.service.asked).toEqual([expect.objectContaining({ [part]: value })]);
  });

  it.each([
    ['257 characters', 257],
    ['10 kB', 10_240],
  ])('of %s is 400 and names the header', async (_what, length) => {
    const { details, message } = expectError(
      await allocateWith(header, 'x'.repeat(length)),
      400,
      'VALIDATION_ERROR',
    );

    expect(details).toEqual({ header });
    expect(message).toContain(header);
    expect(message).toContain('256');
    expect(api.service.asked).toEqual([]);
  });

  it.each([
    ['a letter outside ASCII', Buffer.from('caf\u00e9', 'latin1')],
    ['UTF-8', Buffer.from('学生', 'utf8')],
    ['a tab', Buffer.from('a\tb')],
    ['a no-break space', Buffer.from('a\u00a0b', 'latin1')],
  ])('with %s is 400 and names the header', async (_what, value) => {
    const { details } = expectError(await allocateRawWith(header, value), 400, 'VALIDATION_ERROR');

    expect(details).toEqual({ header });
    expect(api.service.asked).toEqual([]);
  });

  it.each([
    ['a zero byte', '\0'],
    ['a bell', '\x07'],
    ['an escape', '\x1b[2J'],
    ['a lone carriage return', '\r'],
    ['a lone line feed', '\nX-Other: 1'],
    ['a delete character', '\x7f'],
  ])('with %s never reaches the service', async (_what, control) => {
    const answer = await allocateRawWith(header, Buffer.from(`a${control}b`));

    expectError(answer, 400, 'BAD_REQUEST');
    expect(api.service.asked).toEqual([]);
  });

  it('loses the spaces around it', async () => {
    await allocateWith(header, '   some value   ');

    expect(api.service.asked).toEqual([expect.objectContaining({ [part]: 'some value' })]);
  });
});

describe('who is calling', () => {
  it('is X-Instruqt-Sandbox-ID, whatever X-Track-ID says', async () => {
    await api.callAsTrack('/v1/allocate', { method: 'POST', headers: { 'X-Track-ID': 'track-9' } });

    expect(api.service.asked).toEqual([expect.objectContaining({ caller: 'student-1' })]);
  });

  it.each(['', ' ', '   '])('is X-Track-ID when X-Instruqt-Sandbox-ID is %j', async (empty) => {
    const headers = { 'X-Instruqt-Sandbox-ID': empty, 'X-Track-ID': 'track-9' };
    await api.callAsTrack('/v1/allocate', { method: 'POST', headers });
    await api.callAsTrack('/v1/sandboxes/1', { headers });
    await api.callAsTrack('/v1/sandboxes/1/mark-for-deletion', { method: 'POST', headers });

    expect(api.service.asked).toEqual([
      expect.objectContaining({ caller: 'track-9' }),
      { sandboxId: '1', caller: 'track-9' },
      { sandboxId: '1', caller: 'track-9' },
    ]);
  });

  it('has to be said', async () => {
    const headers = { 'X-Instruqt-Sandbox-ID': '', 'X-Track-ID': ' ' };
    const answer = await api.callAsTrack('/v1/allocate', { method: 'POST', headers });

    expect(expectError(answer, 400, 'VALIDATION_ERROR').message).toContain('X-Track-ID');
    expect(api.service.asked).toEqual([]);
  });
});

describe('the idempotency key', () => {
  it.each([undefined, '', '  '])('is the caller when the header is %j', async (key) => {
    const headers: Record<string, string> = key === undefined ? {} : { 'Idempotency-Key': key };
    await api.callAsTrack('/v1/allocate', { method: 'POST', headers });

    expect(api.service.asked).toEqual([
      expect.objectContaining({ caller: 'student-1', idempotencyKey: 'student-1' }),
    ]);
  });

  it('leaves the caller as it is', async () => {
    await api.callAsTrack('/v1/allocate', { method: 'POST', headers: { 'Idempotency-Key': 'b#c' } });

    expect(api.service.asked).toEqual([
      { caller: 'student-1', idempotencyKey: 'b#c', trackName: undefined, namePrefix: undefined },
    ]);
  });
});
