import { OutputTail } from '../../../local/processes/output-tail';

it('keeps the end of a stream when it grows too long', () => {
  const tail = new OutputTail(6);
  for (const chunk of ['abc', 'def', 'ghi']) tail.append(Buffer.from(chunk));
  expect(tail.text).toBe('defghi');
});

it('puts a letter together that came in two pieces', () => {
  const tail = new OutputTail();
  const [first, second] = Buffer.from('ä');
  tail.append(Buffer.from([first ?? 0]));
  tail.append(Buffer.from([second ?? 0]));
  expect(tail.text).toBe('ä');
});
