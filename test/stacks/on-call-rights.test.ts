import { ENVIRONMENTS } from '../../stacks/environments';
import { deployedNames } from '../../stacks/names';
import { alarmNamesIn } from '../../stacks/constructs/service/container-environment';
import {
  statementsOf,
  synthesizeRollbackStack,
  synthesizeServiceStack,
  type Statement,
} from './service-stack-fixture';
import { resources, type SynthesizedStack } from './synthesized';

const NAMES = deployedNames(ENVIRONMENTS.dev);

let stack: SynthesizedStack;

beforeAll(() => {
  stack = synthesizeServiceStack();
});

describe('what the API may read for on-call people', () => {
  const statements = (action: string, kind: 'api' | 'worker'): Statement[] =>
    statementsOf(stack, `${NAMES.prefix}-${kind}-task`).filter(({ Action }) => Action.includes(action));

  it('is of the table itself only the history of rollbacks', () => {
    const ofTable = statements('dynamodb:Query', 'api').filter(
      ({ Resource }) => !Resource.some((arn) => arn.includes('/index/')),
    );

    expect(ofTable.map(({ Action, Condition }) => ({ Action, Condition }))).toEqual([
      {
        Action: ['dynamodb:Query'],
        Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['ROLLBACK'] } },
      },
    ]);
  });

  it('is of CloudWatch exactly the alarms that are deployed, by the names that its container is given', () => {
    const [statement] = statements('cloudwatch:DescribeAlarms', 'api');
    const deployed = [stack, synthesizeRollbackStack()].flatMap((each) =>
      Object.values(resources<{ alarm_name: string }>(each, 'aws_cloudwatch_metric_alarm')).map(
        ({ alarm_name: name }) => name,
      ),
    );

    expect(statement?.Resource.map((arn) => arn.split(':alarm:')[1]).sort()).toEqual(deployed.sort());
    expect(statement?.Resource[0]).toMatch(
      /^arn:aws:cloudwatch:us-east-1:\$\{data\.aws_caller_identity\.account\.account_id\}:alarm:/,
    );
    expect([...alarmNamesIn(ENVIRONMENTS.dev)].sort()).toEqual(deployed.sort());
    expect(statements('cloudwatch:DescribeAlarms', 'worker')).toEqual([]);
  });
});
