import { SSMClient } from '@aws-sdk/client-ssm';
import { createAwsClient } from '../../../alarms/rollback/create-aws-client';
import { NotACountError } from '../../../alarms/rollback/desired-count-parameter';
import { SsmDesiredCountParameter } from '../../../alarms/rollback/ssm-desired-count-parameter';
import { AwsStub, json, jsonError, STUB_CREDENTIALS, type StubAnswer } from './aws-stub';

const NAME = '/sandbox-broker/dev/worker/desired-count';

let stub: AwsStub;

afterEach(() => stub.stop());

async function parameterOn(answer: () => StubAnswer): Promise<SsmDesiredCountParameter> {
  stub = await AwsStub.start(answer);
  const location = { region: 'us-east-1', endpoint: stub.endpoint, credentials: STUB_CREDENTIALS };
  return new SsmDesiredCountParameter(createAwsClient(SSMClient, location), NAME);
}

it.each([
  ['0', 0],
  ['1', 1],
  ['12', 12],
])('reads %s', async (text, count) => {
  const parameter = await parameterOn(() => json({ Parameter: { Name: NAME, Value: text } }));

  expect(await parameter.read()).toBe(count);
  expect(stub.requests).toEqual([{ action: 'GetParameter', body: { Name: NAME } }]);
});

it.each(['', 'one', '-1', '1.5', ' 1'])('takes %j for no count', async (text) => {
  const parameter = await parameterOn(() => json({ Parameter: { Name: NAME, Value: text } }));

  await expect(parameter.read()).rejects.toThrow(NotACountError);
});

it('writes over the value, and leaves the rest of the parameter as Terraform made it', async () => {
  const parameter = await parameterOn(() => json({ Version: 2 }));

  await parameter.write(0);

  expect(stub.requests).toEqual([
    { action: 'PutParameter', body: { Name: NAME, Value: '0', Overwrite: true } },
  ]);
});

it('passes on why it was refused', async () => {
  const parameter = await parameterOn(() => jsonError('AccessDeniedException', 'no ssm:PutParameter'));

  await expect(parameter.write(0)).rejects.toThrow('no ssm:PutParameter');
});
