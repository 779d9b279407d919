import { CleanupStack } from '../../../local/processes/cleanup-stack';

it('undoes the last thing first, each once, however often it is asked', async () => {
  const undone: string[] = [];
  const cleanups = new CleanupStack();
  cleanups.add(() => void undone.push('engine'));
  cleanups.add(async () => {
    await Promise.resolve();
    undone.push('api');
  });

  await Promise.all([cleanups.run(), cleanups.run()]);
  await cleanups.run();
  expect(undone).toEqual(['api', 'engine']);
});

it('undoes the rest even if one thing fails, and then says what failed', async () => {
  const undone: string[] = [];
  const cleanups = new CleanupStack();
  cleanups.add(() => void undone.push('engine'));
  cleanups.add(() => {
    throw new Error('api does not end');
  });

  await expect(cleanups.run()).rejects.toThrow('api does not end');
  expect(undone).toEqual(['engine']);
});
