import type { Clock, Random } from '../allocation/clock';
import { StoreUnavailableError, type CallOptions } from '../store/sandbox-store';

const MAX_TRIES = 4;
const BASE_DELAY_MS = 250;

/**
 * A call of a background job, which has time: repeated with growing random delays while the table does not answer. The
 * SDK's own retries are no substitute: its retry quota is shared by all calls of the process, so in a brownout each
 * call soon has one attempt only. Only for calls that may be repeated without harm.
 *
 * @throws what the last try threw; anything but a {@link StoreUnavailableError} at once.
 */
export async function repeatPatiently<Result>(
  call: () => Promise<Result>,
  { clock, random }: { clock: Clock; random: Random },
  signal?: AbortSignal,
): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await call();
    } catch (error) {
      const isFinal = !(error instanceof StoreUnavailableError) || tries === MAX_TRIES;
      if (isFinal || signal?.aborted) throw error;
      await clock.sleep(random() * BASE_DELAY_MS * 2 ** tries);
    }
  }
}

type MethodOf<Store> = {
  [Name in keyof Store]: Store[Name] extends (...parameters: never[]) => Promise<unknown> ? Name : never;
}[keyof Store];

/**
 * The same store, with {@link repeatPatiently} around these methods. A `signal` in a call's options ends the repeating.
 */
export function patientStore<Store extends object>(
  store: Store,
  methods: readonly MethodOf<Store>[],
  tools: { clock: Clock; random: Random },
): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      const method = member.bind(target) as (...parameters: unknown[]) => Promise<unknown>;
      if (!methods.some((patient) => patient === name)) return method;
      return (...parameters: unknown[]) =>
        repeatPatiently(() => method(...parameters), tools, signalOf(parameters.at(-1)));
    },
  });
}

function signalOf(options: unknown): AbortSignal | undefined {
  const signal = typeof options === 'object' ? (options as CallOptions | null)?.signal : undefined;
  return signal instanceof AbortSignal ? signal : undefined;
}
