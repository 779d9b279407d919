/**
 * Like `Promise.all`, but rejects only after every promise has settled: then nothing is still being started, and all
 * that has been can be stopped.
 */
export async function settled<T extends readonly unknown[]>(promises: {
  [K in keyof T]: Promise<T[K]>;
}): Promise<T> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}
