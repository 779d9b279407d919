import {
  Fn,
  Op,
  TerraformLocal,
  TerraformOutput,
  TerraformStack,
  TerraformVariable,
  Testing,
  Token,
} from 'cdktf';
import { DataStack } from '../../../stacks/data-stack';
import { ENVIRONMENTS } from '../../../stacks/environments';
import { synthFaults } from '../../../stacks/constructs/synth-faults';

let stack: TerraformStack;
let count: TerraformVariable;

beforeEach(() => {
  stack = new TerraformStack(Testing.app(), 'a-stack');
  count = new TerraformVariable(stack, 'count', { type: 'number' });
});

function output(value: unknown, id = 'it'): void {
  new TerraformOutput(stack, id, { value });
}

describe('ids', () => {
  it.each([
    ['my out', 'my.out'],
    ['my out', 'myout'],
    ['my out', 'my+out'],
  ])('%j and %j would be one block: that is a fault', (one, other) => {
    output(1, one);
    output(2, other);

    expect(synthFaults(stack)).toEqual([
      expect.stringMatching(/^a-stack\/.+ and a-stack\/.+ would both be output\.myout, .* ids that differ/),
    ]);
  });

  it('are fine when they name blocks of different kinds, or differ in a letter', () => {
    output(1, 'one');
    output(1, 'two');
    new TerraformLocal(stack, 'count.', 'a local beside the variable');

    expect(synthFaults(stack)).toEqual([]);
  });
});

describe('a number of Terraform', () => {
  it.each<[string, (number: number) => unknown]>([
    ['before a hyphen', (number) => `${number}-udp`],
    ['after a hyphen', (number) => `port-${number}`],
    ['in an argument of a function', (number) => Fn.join(',', [`${number}-udp`, 'other'])],
    ['in a list in a map', (number) => ({ ports: [`port-${number}`] })],
    ['in a condition', (number) => Fn.conditional(Op.gt(number, 1), `port-${number}`, 'none') as unknown],
  ])('%s is a fault', (_where, value) => {
    output(value(count.numberValue));

    expect(synthFaults(stack)).toEqual([
      'a-stack/it has a number of Terraform beside a hyphen, which loses one of them: use its stringValue.',
    ]);
  });

  it('is fine by itself, in text, below zero, and as text beside a hyphen', () => {
    const { numberValue, stringValue } = count;
    output([numberValue, `${numberValue} ports`, Op.sub(0, numberValue), -5, `port-${stringValue}-udp`]);

    expect(synthFaults(stack)).toEqual([]);
  });
});

describe('a quote or a backslash', () => {
  it.each<[string, () => unknown]>([
    ['in JSON', () => Fn.jsonencode({ a: ['say "hi"'] })],
    ['in a name in JSON', () => Fn.jsonencode({ 'say "hi"': 1 })],
    ['in JSON in text', () => `text ${Fn.jsonencode({ a: 'back\\slash' })}`],
    ['in YAML', () => Fn.yamlencode({ a: 'say "hi"' })],
    ['in a condition', () => Fn.conditional(true, 'say "hi"', '') as unknown],
    ['in JSON of a number', () => Token.asNumber(Fn.tonumber(Fn.jsonencode('"1"')))],
  ])('%s is a fault, as it would not be escaped', (_where, value) => {
    output(value());

    expect(synthFaults(stack)).toEqual([
      expect.stringMatching(/^a-stack\/it gives ".*" .* wrap it in Fn\.rawString/),
    ]);
  });

  it('is fine in plain text, and wrapped', () => {
    output(['say "hi"', JSON.stringify({ a: 'say "hi"' }), Fn.jsonencode({ a: Fn.rawString('say "hi"') })]);

    expect(synthFaults(stack)).toEqual([]);
  });
});

it('fails the synth of our stacks', () => {
  const app = Testing.app();
  const data = new DataStack(app, { environment: ENVIRONMENTS.dev, stateBucket: undefined });
  new TerraformOutput(data, 'secret.names', { value: 'a copy of an id' });
  new TerraformOutput(data, 'secret names', { value: 'a copy of a copy' });

  expect(() => {
    app.synth();
  }).toThrow(/secret\.names and .*secret names would both be output\.secretnames/);
});
