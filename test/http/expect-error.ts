import { jsonOf, type Answer } from './http-client';

interface ErrorFields {
  code: string;
  message: string;
  request_id: string;
  retry_after?: number;
  details?: Record<string, unknown>;
}

/**
 * Checks that an answer is an error in our shape, down to the last field: status, code, the same object under `error`
 * and `detail`, the request's id in body and header, `Retry-After` in both or in neither, and nothing of our insides.
 */
export function expectError(answer: Answer, status: number, code: string): ErrorFields {
  expect({ status: answer.status, text: answer.text }).toEqual({
    status,
    text: expect.stringContaining(`"code":"${code}"`) as string,
  });
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  expect(answer.headers['cache-control']).toBe('no-store');
  const { error, detail, ...others } = jsonOf(answer) as { error: ErrorFields; detail: ErrorFields };
  expect(others).toEqual({});
  expect(detail).toEqual(error);
  expect(error.code).toBe(code);
  expect(error.message).toMatch(/^[A-Z].+\.$/);
  expect(error.request_id).toBe(answer.headers['x-request-id']);
  expect(error.request_id).toMatch(/^[\w.-]{1,128}$/);
  expect(error.retry_after?.toString()).toBe(answer.headers['retry-after']);
  expect(Object.keys(error).filter((field) => !KNOWN_FIELDS.has(field))).toEqual([]);
  expectNoInsides(answer);
  return error;
}

const KNOWN_FIELDS = new Set(['code', 'message', 'request_id', 'retry_after', 'details']);

/** Neither a stack trace nor a path of ours. */
function expectNoInsides(answer: Answer): void {
  expect(answer.text).not.toMatch(/node_modules|\\n +at |\.[jt]s\b|\bError:|"stack"/);
}
