/** A promise's state, readable at any time: `pending` until it settles, then its value or its error. */
export function observe<T>(promise: Promise<T>): { state: T | 'pending' | Error } {
  const observed: { state: T | 'pending' | Error } = { state: 'pending' };
  promise.then(
    (value) => {
      observed.state = value;
    },
    (error: unknown) => {
      observed.state = error instanceof Error ? error : new Error(String(error));
    },
  );
  return observed;
}
