import type { Request } from '../../../stacks/role-policies';
import type { RecordedRequest } from './recording-proxy';

/*
 * What IAM asks of whoever makes a call. For each service: which ARNs a request names, where IAM knows resources for its
 * operation at all. Source: AWS Service Authorization Reference. An operation that is not here needs `*`.
 */

/** Where the resources are that requests name without their ARN. */
export interface AccountPlace {
  region: string;
  accountId: string;
}

type Parameters = Record<string, unknown>;
type ArnOf = (parameters: Parameters) => string[];

/** The names that IAM has for services which sign their requests with another. */
const IAM_SERVICES: Record<string, string> = { monitoring: 'cloudwatch' };

/** Operations that IAM does not check, since they tell about the caller only. */
const UNCHECKED = ['sts:GetCallerIdentity'];

/** The permissions that a request needs; none for what everybody may ask. */
export function permissionsFor(request: RecordedRequest, place: AccountPlace): Request[] {
  const service = IAM_SERVICES[request.service] ?? request.service;
  if (service === 's3') return s3Permissions(request);
  if (service === 'lambda') return lambdaPermissions(request, place);
  const action = `${service}:${String(request.operation)}`;
  if (UNCHECKED.includes(action)) return [];
  const arns = arnsByService(place)[service]?.(String(request.operation))?.(request.parameters) ?? ['*'];
  return [
    ...arns.map((resource) => ({ action, resource })),
    ...passedRoles(request.parameters),
    ...tagging(action, request.parameters, arns),
  ];
}

/**
 * All different permissions that the requests need, in their order. What is done with a role depends on the boundary that an
 * earlier one of them gave to it.
 */
export function permissionsForAll(requests: readonly RecordedRequest[], place: AccountPlace): Request[] {
  const boundaries = new Map<string, string>();
  const all = requests.flatMap((request) => {
    const [role = ''] = texts(request.parameters, 'RoleName');
    const [boundary = boundaries.get(role)] = texts(request.parameters, 'PermissionsBoundary');
    if (request.service !== 'iam' || boundary === undefined) return permissionsFor(request, place);
    boundaries.set(role, boundary);
    return permissionsFor(request, place).map((one) => ({
      ...one,
      context: { ...one.context, 'iam:PermissionsBoundary': boundary },
    }));
  });
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

/** For each service, by its operation, the ARNs that the parameters name. */
function arnsByService({
  region,
  accountId,
}: AccountPlace): Record<string, (operation: string) => ArnOf | undefined> {
  const arn = (service: string, rest: string): string => `arn:aws:${service}:${region}:${accountId}:${rest}`;
  const iamArn = (rest: string): string => `arn:aws:iam::${accountId}:${rest}`;
  const named =
    (service: string, kind: string, ...names: string[]): ArnOf =>
    (parameters) =>
      texts(parameters, ...names).map((name) =>
        name.startsWith('arn:') ? name : arn(service, `${kind}${name}`),
      );

  return {
    dynamodb: () => named('dynamodb', 'table/', 'TableName', 'ResourceArn'),
    secretsmanager: () => named('secretsmanager', 'secret:', 'SecretId', 'Name'),
    ecr: () => named('ecr', 'repository/', 'repositoryNames', 'repositoryName', 'resourceArn'),
    ecs: (operation) => {
      if (operation.endsWith('TaskDefinition')) {
        // It is registered under its family; the rest of them is not checked by ARN.
        return operation === 'RegisterTaskDefinition'
          ? (parameters) => [arn('ecs', `task-definition/${texts(parameters, 'family')[0]}:1`)]
          : undefined;
      }
      if (operation.includes('Cluster')) {
        return operation === 'CreateCluster' ? undefined : named('ecs', 'cluster/', 'clusters', 'cluster');
      }
      if (operation.includes('Service')) {
        return (parameters) => {
          const cluster = texts(parameters, 'cluster')[0]?.split('/').pop() ?? '';
          return texts(parameters, 'services', 'service', 'serviceName').map((name) =>
            arn('ecs', `service/${cluster}/${name.split('/').pop() ?? ''}`),
          );
        };
      }
      return named('ecs', '', 'resourceArn');
    },
    iam: (operation) =>
      operation.includes('OpenIDConnectProvider')
        ? undefined
        : (parameters) => texts(parameters, 'RoleName').map((name) => iamArn(`role/${name}`)),
    events: () => (parameters) =>
      texts(parameters, 'ResourceARN', 'Rule', 'Name').map((name) =>
        name.startsWith('arn:') ? name : arn('events', `rule/${name}`),
      ),
    sqs: () => (parameters) =>
      texts(parameters, 'QueueUrl', 'QueueName').map((name) => arn('sqs', name.split('/').pop() ?? '')),
    sns: () => (parameters) =>
      texts(parameters, 'SubscriptionArn', 'TopicArn', 'ResourceArn', 'Name').map((name) =>
        name.startsWith('arn:') ? name.split(':').slice(0, 6).join(':') : arn('sns', name),
      ),
    ssm: (operation) =>
      operation === 'DescribeParameters'
        ? undefined
        : (parameters) =>
            texts(parameters, 'Name', 'ResourceId').map((name) => arn('ssm', `parameter${name}`)),
    cloudwatch: (operation) =>
      operation.includes('Dashboard')
        ? (parameters) =>
            texts(parameters, 'DashboardName', 'DashboardNames').map(
              (name) => `arn:aws:cloudwatch::${accountId}:dashboard/${name}`,
            )
        : named('cloudwatch', 'alarm:', 'AlarmName', 'AlarmNames', 'ResourceARN'),
    logs: (operation) =>
      operation === 'DescribeLogGroups'
        ? undefined
        : named('logs', 'log-group:', 'logGroupName', 'resourceArn'),
    wafv2: (operation) => {
      if (operation === 'CreateWebACL') {
        return (parameters) =>
          texts(parameters, 'Name').map((name) => arn('wafv2', `regional/webacl/${name}/0`));
      }
      return (parameters) => {
        const { LoggingConfiguration: logging = {} } = parameters;
        const arns = [
          ...texts(parameters, 'ResourceArn', 'ResourceARN', 'WebACLArn'),
          ...texts(logging as Parameters, 'ResourceArn'),
        ];
        const [name, id] = [texts(parameters, 'Name')[0], texts(parameters, 'Id')[0]];
        return id === undefined ? arns : [arn('wafv2', `regional/webacl/${String(name)}/${id}`)];
      };
    },
    elasticloadbalancing: (operation) => {
      if (operation.startsWith('Describe')) return undefined;
      if (operation === 'CreateLoadBalancer') {
        return (parameters) =>
          texts(parameters, 'Name').map((name) =>
            arn('elasticloadbalancing', `loadbalancer/app/${name}/0000000000000000`),
          );
      }
      if (operation === 'CreateTargetGroup') {
        return (parameters) =>
          texts(parameters, 'Name').map((name) =>
            arn('elasticloadbalancing', `targetgroup/${name}/0000000000000000`),
          );
      }
      return named(
        'elasticloadbalancing',
        '',
        'LoadBalancerArn',
        'ListenerArn',
        'TargetGroupArn',
        'ResourceArns',
      );
    },
    'application-autoscaling': (operation) =>
      operation.startsWith('Describe')
        ? undefined
        : (parameters) =>
            operation.endsWith('Resource')
              ? texts(parameters, 'ResourceARN')
              : [arn('application-autoscaling', 'scalable-target/0')],
  };
}

/** The texts of these parameters; lists are one text each, in JSON or as a form writes them (`Name.member.1`). */
function texts(parameters: Parameters, ...names: string[]): string[] {
  return names.flatMap((name) => {
    const value = parameters[name];
    if (typeof value === 'string') return [value];
    if (Array.isArray(value)) return value.map(String);
    return Object.entries(parameters)
      .filter(([key]) => key.startsWith(`${name}.member.`))
      .map(([, text]) => String(text));
  });
}

/** Roles that ECS is given in a task definition; Lambda's come in a body of another form. */
function passedRoles(parameters: Parameters): Request[] {
  return texts(parameters, 'executionRoleArn', 'taskRoleArn').map((resource) => ({
    action: 'iam:PassRole',
    resource,
    context: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
  }));
}

/** Who makes something with tags needs the right to tag it, in the services that have one. */
function tagging(action: string, parameters: Parameters, arns: readonly string[]): Request[] {
  const [service = '', operation = ''] = action.split(':');
  const isTagged = Object.keys(parameters).some(
    (name) => /^tags$/i.test(name) || name.startsWith('Tags.member.'),
  );
  const tagAction = TAG_ACTIONS[service];
  if (!isTagged || tagAction === undefined || !/^(Create|Put|Register)/.test(operation)) return [];
  // The simulator's data lacks target groups and listeners among what can be tagged.
  const isKnown = (arn: string): boolean =>
    arn !== '*' && !/:(targetgroup|listener|listener-rule)\//.test(arn);
  return arns.filter(isKnown).map((resource) => ({ action: tagAction, resource }));
}

const TAG_ACTIONS: Record<string, string> = {
  'application-autoscaling': 'application-autoscaling:TagResource',
  cloudwatch: 'cloudwatch:TagResource',
  dynamodb: 'dynamodb:TagResource',
  ecr: 'ecr:TagResource',
  ecs: 'ecs:TagResource',
  elasticloadbalancing: 'elasticloadbalancing:AddTags',
  events: 'events:TagResource',
  iam: 'iam:TagRole',
  logs: 'logs:TagResource',
  secretsmanager: 'secretsmanager:TagResource',
  sns: 'sns:TagResource',
  sqs: 'sqs:TagQueue',
  ssm: 'ssm:AddTagsToResource',
  wafv2: 'wafv2:TagResource',
};

function s3Permissions({ method, path, query }: RecordedRequest): Request[] {
  const [, bucket = '', ...rest] = path.split('/');
  const key = rest.join('/');
  if (key !== '') {
    const action = { GET: 'GetObject', HEAD: 'GetObject', PUT: 'PutObject', DELETE: 'DeleteObject' }[method];
    return [{ action: `s3:${String(action)}`, resource: `arn:aws:s3:::${bucket}/${key}` }];
  }
  const part = [...query.keys()].find((name) => name in BUCKET_PARTS);
  const known = part === undefined ? BUCKET_OPERATIONS[method] : BUCKET_PARTS[part]?.[method];
  if (known === undefined)
    throw new Error(`No permission is known for ${method} ${path}?${query.toString()}`);
  return [{ action: `s3:${known}`, resource: `arn:aws:s3:::${bucket}` }];
}

/** Operations on a bucket as a whole. */
const BUCKET_OPERATIONS: Record<string, string> = {
  HEAD: 'ListBucket',
  PUT: 'CreateBucket',
  DELETE: 'DeleteBucket',
};

/** Operations on a part of a bucket's configuration, by the query parameter that names it. */
const BUCKET_PARTS: Record<string, Record<string, string>> = {
  'list-type': { GET: 'ListBucket' },
  accelerate: { GET: 'GetAccelerateConfiguration' },
  acl: { GET: 'GetBucketAcl' },
  cors: { GET: 'GetBucketCORS' },
  encryption: { GET: 'GetEncryptionConfiguration', PUT: 'PutEncryptionConfiguration' },
  lifecycle: { GET: 'GetLifecycleConfiguration', PUT: 'PutLifecycleConfiguration' },
  logging: { GET: 'GetBucketLogging' },
  'object-lock': { GET: 'GetBucketObjectLockConfiguration' },
  policy: { GET: 'GetBucketPolicy', PUT: 'PutBucketPolicy', DELETE: 'DeleteBucketPolicy' },
  publicAccessBlock: { GET: 'GetBucketPublicAccessBlock', PUT: 'PutBucketPublicAccessBlock' },
  replication: { GET: 'GetReplicationConfiguration' },
  requestPayment: { GET: 'GetBucketRequestPayment' },
  tagging: { GET: 'GetBucketTagging', PUT: 'PutBucketTagging' },
  versioning: { GET: 'GetBucketVersioning' },
  website: { GET: 'GetBucketWebsite' },
};

/** Lambda's operations by what follows `/functions/<name>`. */
const LAMBDA_OPERATIONS: Record<string, string> = {
  'GET ': 'GetFunction',
  'GET policy': 'GetPolicy',
  'GET versions': 'ListVersionsByFunction',
  'GET event-invoke-config': 'GetFunctionEventInvokeConfig',
  'GET code-signing-config': 'GetFunctionCodeSigningConfig',
  'GET configuration': 'GetFunctionConfiguration',
  'POST ': 'CreateFunction',
  'POST policy': 'AddPermission',
  'PUT event-invoke-config': 'PutFunctionEventInvokeConfig',
  'PUT code': 'UpdateFunctionCode',
  'PUT configuration': 'UpdateFunctionConfiguration',
  'PUT concurrency': 'PutFunctionConcurrency',
  'DELETE ': 'DeleteFunction',
  'DELETE policy': 'RemovePermission',
  'DELETE event-invoke-config': 'DeleteFunctionEventInvokeConfig',
  'DELETE concurrency': 'DeleteFunctionConcurrency',
};

function lambdaPermissions({ method, path, parameters }: RecordedRequest, place: AccountPlace): Request[] {
  const match = /^\/[0-9-]+\/functions\/?(?<name>[^/]+)?(?:\/(?<part>[^/]+))?/.exec(path);
  const operation = LAMBDA_OPERATIONS[`${method} ${match?.groups?.part ?? ''}`];
  if (operation === undefined) throw new Error(`No permission is known for ${method} ${path}`);
  const name = match?.groups?.name ?? texts(parameters, 'FunctionName')[0] ?? '';
  const resource = `arn:aws:lambda:${place.region}:${place.accountId}:function:${name}`;
  const role = texts(parameters, 'Role');
  return [
    { action: `lambda:${operation}`, resource },
    ...(operation === 'CreateFunction' ? [{ action: 'lambda:TagResource', resource }] : []),
    ...role.map((roleArn) => ({
      action: 'iam:PassRole',
      resource: roleArn,
      context: { 'iam:PassedToService': 'lambda.amazonaws.com' },
    })),
  ];
}
