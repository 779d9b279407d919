import pLimit from 'p-limit';

/** Gentle enough to leave the table to the students. */
const CONCURRENCY = 16;

/** Works on all items, a few at a time. After an error none is begun, and it is thrown when none is under way. */
export async function inParallel<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const limit = pLimit(CONCURRENCY);
  let failure: Error | undefined;
  const tasks = [...items].map((item) =>
    limit(async () => {
      if (failure) return;
      try {
        await work(item);
      } catch (error) {
        failure ??= error instanceof Error ? error : new Error('A write failed', { cause: error });
      }
    }),
  );
  await Promise.all(tasks);
  if (failure) throw failure;
}
