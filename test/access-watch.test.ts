import { AccessWatch } from '../app/access-watch';
import { FakeClock } from './fakes/fake-clock';

const PERIOD_MS = 180_000;
const STEP_MS = 10_000;

const denied = named('AccessDeniedException');

function named(name: string): Error {
  return Object.assign(new Error(name), { name });
}

/** A watch that is told of these outcomes, each ten seconds after the one before; whether access is lost then. */
async function isLostAfter(outcomes: unknown[], stepMs = STEP_MS): Promise<boolean> {
  const clock = new FakeClock();
  const watch = new AccessWatch(clock, PERIOD_MS);
  let isLost = false;
  void watch.lost.then(() => {
    isLost = true;
  });
  for (const outcome of outcomes) {
    watch.onCall(outcome);
    await clock.advance(stepMs);
  }
  return isLost;
}

/** So many denials span exactly the period. */
const FOR_THE_PERIOD = Array<Error>(PERIOD_MS / STEP_MS + 1).fill(denied);

describe('AccessWatch', () => {
  it('says that access is lost after three minutes of nothing but denials', async () => {
    expect(await isLostAfter(FOR_THE_PERIOD.slice(1))).toBe(false);
    expect(await isLostAfter(FOR_THE_PERIOD)).toBe(true);
  });

  it.each(['UnrecognizedClientException', 'ExpiredTokenException', 'CredentialsProviderError'])(
    'counts %s as a denial',
    async (name) => {
      expect(await isLostAfter(FOR_THE_PERIOD.map(() => named(name)))).toBe(true);
    },
  );

  it.each<[string, unknown]>([
    ['a success', undefined],
    ['a time-out', named('TimeoutError')],
    ['throttling', named('ThrottlingException')],
    ['a server error', named('InternalServerError')],
    ['a refused connection', Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })],
    ['a failed condition', named('ConditionalCheckFailedException')],
  ])('begins anew after %s', async (_what, outcome) => {
    expect(await isLostAfter([denied, outcome, ...FOR_THE_PERIOD.slice(1)])).toBe(false);
    expect(await isLostAfter([denied, outcome, ...FOR_THE_PERIOD])).toBe(true);
  });

  it.each<[string, string]>([
    ['a brownout', 'TimeoutError'],
    ['throttling', 'ProvisionedThroughputExceededException'],
    ['a missing table, which another process would not find either', 'ResourceNotFoundException'],
    ['a KMS key that cannot be used', 'KMSAccessDeniedException'],
  ])('never gives up because of %s, however long', async (_what, name) => {
    expect(await isLostAfter(Array<Error>(1_000).fill(named(name)))).toBe(false);
  });

  it('ignores calls that their callers gave up', async () => {
    const [first, ...others] = FOR_THE_PERIOD;

    expect(await isLostAfter([first, named('AbortError'), ...others])).toBe(true);
  });

  it('knows nothing about a minute without any call', async () => {
    expect(await isLostAfter(FOR_THE_PERIOD, 60_001)).toBe(false);
  });
});
