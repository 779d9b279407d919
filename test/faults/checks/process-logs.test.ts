import { logViolations, memoryViolations } from './process-logs';

describe('logViolations', () => {
  it('finds the lines that only a bug writes', () => {
    const output = [
      '{"level":"warn","msg":"the sandbox table did not answer; trying again"}',
      '{"level":"fatal","msg":"uncaught exception"}',
      '{"level":"error","msg":"ended a claim that had lost its sandbox"}',
      '[UnhandledPromiseRejection: reason]',
    ].join('\n');

    expect(logViolations('api-1', output)).toEqual([
      'api-1 said: {"level":"fatal","msg":"uncaught exception"}',
      'api-1 said: {"level":"error","msg":"ended a claim that had lost its sandbox"}',
      'api-1 said: [UnhandledPromiseRejection: reason]',
    ]);
  });
});

describe('memoryViolations', () => {
  it('finds a process that has grown beyond reason, and one that does not tell', () => {
    expect(memoryViolations('api-1', 'process_resident_memory_bytes 104857600\n')).toEqual([]);
    expect(memoryViolations('api-1', 'x 1\nprocess_resident_memory_bytes 1073741824\n')).toEqual([
      'api-1 has taken 1024 MiB of memory',
    ]);
    expect(memoryViolations('api-1', 'nothing')).toEqual([
      'api-1 does not tell how much memory it has taken',
    ]);
  });
});
