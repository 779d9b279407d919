import { APPLICATION } from '../../../names';
import { arnIn, type PolicyScope, type PolicyStatement } from './policy-statement';

/**
 * The most that a role of the broker's stacks may ever do, whatever policies somebody gives it: work with the items, secrets,
 * logs, images, parameters and messages of its own environment. Nothing in IAM, and nothing of another environment.
 * What grants.ts grants lies within it; a wider grant needs a wider boundary first, which only a person can deploy.
 */
export function boundaryStatements(scope: PolicyScope): PolicyStatement[] {
  const { environment, names } = scope;
  const arn = arnIn(scope);
  const table = arn('dynamodb', `table/${environment.tableNames.table}`);
  return [
    {
      actions: [
        'dynamodb:ConditionCheckItem',
        'dynamodb:DeleteItem',
        'dynamodb:DescribeTable',
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
        'dynamodb:Scan',
        'dynamodb:UpdateItem',
      ],
      resources: [table, `${table}/index/*`],
    },
    {
      actions: ['secretsmanager:GetSecretValue'],
      resources: [arn('secretsmanager', `secret:${APPLICATION}/${environment.name}/*`)],
    },
    // Logging in to the registry knows no resource, and shows nothing yet.
    { actions: ['ecr:GetAuthorizationToken'], resources: ['*'] },
    {
      actions: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      resources: [arn('ecr', `repository/${names.prefix}`)],
    },
    {
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [
        arn('logs', `log-group:/${APPLICATION}/${environment.name}/*`),
        arn('logs', `log-group:/aws/lambda/${names.prefix}-*`),
      ],
    },
    {
      actions: ['ecs:DescribeServices', 'ecs:UpdateService'],
      resources: [arn('ecs', `service/${names.cluster}/*`)],
    },
    {
      actions: ['ssm:GetParameter', 'ssm:PutParameter'],
      resources: [arn('ssm', `parameter/${APPLICATION}/${environment.name}/*`)],
    },
    { actions: ['cloudwatch:DescribeAlarms'], resources: [arn('cloudwatch', `alarm:${names.prefix}-*`)] },
    { actions: ['sns:Publish'], resources: [arn('sns', `${names.prefix}-*`)] },
    { actions: ['sqs:SendMessage'], resources: [arn('sqs', `${names.prefix}-*`)] },
  ];
}
