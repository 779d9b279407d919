import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { DataAwsCallerIdentity } from '@cdktf/provider-aws/lib/data-aws-caller-identity';
import { EcsCluster } from '@cdktf/provider-aws/lib/ecs-cluster';
import type { EcsService } from '@cdktf/provider-aws/lib/ecs-service';
import type { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import type { SecretsmanagerSecret } from '@cdktf/provider-aws/lib/secretsmanager-secret';
import type { SsmParameter } from '@cdktf/provider-aws/lib/ssm-parameter';
import { TerraformOutput } from 'cdktf';
import type { Construct } from 'constructs';
import { API_QUERIED_PARTITIONS } from '../app/config';
import { ApiAutoscaling } from './constructs/service/api-autoscaling';
import { ApiLoadBalancer } from './constructs/service/api-load-balancer';
import { ApiService } from './constructs/service/api-service';
import { BrokerAlarms } from './constructs/alarms/broker-alarms';
import { BrokerStack } from './constructs/broker-stack';
import { FirewallLog } from './constructs/logs/firewall-log';
import { BrokerSecurityGroups } from './constructs/service/broker-security-groups';
import {
  alarmNamesIn,
  apiContainerEnvironment,
  workerContainerEnvironment,
} from './constructs/service/container-environment';
import { FargateTask } from './constructs/service/fargate-task';
import {
  grantDescribeAlarms,
  grantPull,
  grantQueryPartitions,
  grantReadSecrets,
  grantTableAccess,
  grantWriteLogs,
  type ItemAction,
} from './constructs/grants';
import { TaskRoles } from './constructs/service/task-roles';
import { WebFirewall } from './constructs/service/web-firewall';
import { WorkerDesiredCount } from './constructs/service/worker-desired-count';
import { WorkerService } from './constructs/service/worker-service';
import type { DataStack } from './data-stack';
import type { DeploymentSettings } from './environments';
import type { NetworkStack } from './network-stack';
import { API_PORT, WORKER_PORT } from './ports';
import { declareServiceVariables, type ServiceVariables } from './variables/declare-service-variables';

/** The stacks below this one. Their resources are passed as objects. */
export interface ServiceStackDependencies {
  network: NetworkStack;
  data: DataStack;
}

/** What one of the two services may touch. */
interface Rights {
  logGroup: CloudwatchLogGroup;
  secrets: readonly SecretsmanagerSecret[];
  itemActions: readonly ItemAction[];
  indexNames: readonly string[];
  mayScan?: boolean;
}

/** What the jobs do to the table's items, whoever runs them. */
const JOB_ITEM_ACTIONS: readonly ItemAction[] = [
  'ConditionCheckItem',
  'DeleteItem',
  'GetItem',
  'PutItem',
  'UpdateItem',
];

/**
 * What runs: the API behind its load balancer and firewall, the worker, and what watches them. Everything here can be
 * destroyed and deployed again without a sandbox lost; what cannot is in the data stack.
 */
export class ServiceStack extends BrokerStack {
  readonly cluster: EcsCluster;
  readonly apiService: EcsService;
  readonly workerService: EcsService;
  readonly workerDesiredCountParameter: SsmParameter;
  readonly alarms: BrokerAlarms;

  private readonly network: NetworkStack;
  private readonly data: DataStack;
  private readonly variables: ServiceVariables;
  private readonly accountId: string;
  private readonly securityGroups: BrokerSecurityGroups;

  constructor(scope: Construct, settings: DeploymentSettings, { network, data }: ServiceStackDependencies) {
    super(scope, 'service', settings);
    this.network = network;
    this.data = data;
    this.variables = declareServiceVariables(this, this.environment);
    this.accountId = new DataAwsCallerIdentity(this, 'account').accountId;

    this.securityGroups = new BrokerSecurityGroups(this, 'security-group', {
      namePrefix: this.names.prefix,
      vpc: network.vpc,
      egressPorts: this.environment.egressPorts,
    });
    this.cluster = new EcsCluster(this, 'cluster', {
      name: this.names.cluster,
      setting: [{ name: 'containerInsights', value: 'enabled' }],
    });
    const apiLogGroup = this.logGroup('api-log-group', this.names.apiLogGroup);
    const workerLogGroup = this.logGroup('worker-log-group', this.names.workerLogGroup);
    const loadBalancer = this.loadBalancer();
    const firewall = new WebFirewall(this, 'firewall', {
      name: this.names.prefix,
      loadBalancer: loadBalancer.resource,
      rateLimit: this.variables.wafRateLimit.numberValue,
    });
    new FirewallLog(this, 'firewall-log', { webAcl: firewall.resource, bucket: network.accessLogs });
    this.alarms = new BrokerAlarms(this, 'alarms', {
      names: this.names,
      awsRegion: this.environment.awsRegion,
      variables: this.variables,
      apiLogGroup,
      workerLogGroup,
      loadBalancer: loadBalancer.resource,
      targetGroup: loadBalancer.targetGroup,
      webAclMetricName: firewall.metricName,
      table: data.table,
      indexNames: this.indexNames().all,
    });
    this.apiService = this.api(apiLogGroup, loadBalancer);
    const desiredCount = new WorkerDesiredCount(this, 'worker-desired-count', {
      parameterName: this.names.workerDesiredCountParameter,
    });
    this.workerDesiredCountParameter = desiredCount.parameter;
    this.workerService = this.worker(workerLogGroup, desiredCount);
    this.outputs(loadBalancer);
  }

  private logGroup(id: string, name: string): CloudwatchLogGroup {
    return new CloudwatchLogGroup(this, id, {
      name,
      retentionInDays: this.variables.logRetentionDays.numberValue,
    });
  }

  private loadBalancer(): ApiLoadBalancer {
    const { network, variables } = this;
    return new ApiLoadBalancer(this, 'load-balancer', {
      name: this.names.prefix,
      vpc: network.vpc,
      publicSubnets: network.publicSubnets,
      securityGroup: this.securityGroups.loadBalancer,
      targetPort: API_PORT,
      certificateArn: variables.certificateArn.stringValue,
      deletionProtection: this.environment.deletionProtection,
      accessLogs: network.accessLogs,
    });
  }

  private api(logGroup: CloudwatchLogGroup, loadBalancer: ApiLoadBalancer): EcsService {
    const { variables, names, network } = this;
    const { brokerApiToken, brokerAdminToken, cspApiToken } = this.data.secrets;
    // It calls the portal, too: when an admin asks for a job, and while it runs the jobs in the worker's place.
    const { roles, policies } = this.taskRoles('api-roles', names.apiService, {
      logGroup,
      secrets: [brokerApiToken, brokerAdminToken, cspApiToken],
      itemActions: JOB_ITEM_ACTIONS,
      indexNames: this.indexNames().all,
      // For `POST admin/sync?initialise=true`.
      mayScan: true,
    });
    // What on-call people look at in the console: the history of rollbacks, and the alarms.
    policies.push(
      grantQueryPartitions(roles.task, this.data.table, API_QUERIED_PARTITIONS),
      grantDescribeAlarms(roles.task, this.alarmArns()),
    );
    const task = new FargateTask(this, 'api-task', {
      family: names.apiService,
      cpuUnits: variables.apiCpu.stringValue,
      memoryMib: variables.apiMemory.stringValue,
      cpuArchitecture: variables.cpuArchitecture.stringValue,
      roles,
      containerName: 'api',
      image: variables.containerImage.stringValue,
      command: ['node', 'dist/api.js'],
      port: API_PORT,
      isCalled: true,
      ...apiContainerEnvironment({ environment: this.environment, variables, secrets: this.data.secrets }),
      logGroup,
      awsRegion: this.environment.awsRegion,
    });
    this.revisionOutput('api', task);
    const service = new ApiService(this, 'api-service', {
      serviceName: names.apiService,
      cluster: this.cluster,
      task,
      initialDesiredCount: variables.apiDesiredCount.numberValue,
      targetGroup: loadBalancer.targetGroup,
      subnets: network.privateSubnets,
      securityGroup: this.securityGroups.api,
      deploymentAlarmNames: this.alarms.alarmNames(({ isDeploymentAlarm }) => isDeploymentAlarm),
      waitForSteadyState: variables.waitForSteadyState.booleanValue,
      dependsOn: [...policies, ...loadBalancer.listeners, ...this.securityGroups.rules],
    }).resource;
    new ApiAutoscaling(this, 'api-autoscaling', {
      cluster: this.cluster,
      service,
      minTasks: variables.apiAutoscalingMin.numberValue,
      maxTasks: variables.apiAutoscalingMax.numberValue,
    });
    return service;
  }

  private worker(logGroup: CloudwatchLogGroup, desiredCount: WorkerDesiredCount): EcsService {
    const { variables, names, network } = this;
    const { roles, policies } = this.taskRoles('worker-roles', names.workerService, {
      logGroup,
      secrets: [this.data.secrets.cspApiToken],
      itemActions: JOB_ITEM_ACTIONS,
      indexNames: this.indexNames().ofJobs,
    });
    const task = new FargateTask(this, 'worker-task', {
      family: names.workerService,
      cpuUnits: variables.workerCpu.stringValue,
      memoryMib: variables.workerMemory.stringValue,
      cpuArchitecture: variables.cpuArchitecture.stringValue,
      roles,
      containerName: 'worker',
      image: variables.containerImage.stringValue,
      command: ['node', 'dist/worker.js'],
      port: WORKER_PORT,
      isCalled: false,
      ...workerContainerEnvironment({ environment: this.environment, variables, secrets: this.data.secrets }),
      logGroup,
      awsRegion: this.environment.awsRegion,
    });
    this.revisionOutput('worker', task);
    return new WorkerService(this, 'worker-service', {
      serviceName: names.workerService,
      cluster: this.cluster,
      task,
      desiredCount: desiredCount.value,
      subnets: network.privateSubnets,
      securityGroup: this.securityGroups.worker,
      waitForSteadyState: variables.waitForSteadyState.booleanValue,
      dependsOn: [...policies, ...this.securityGroups.rules],
    }).resource;
  }

  /** The roles of a service's tasks with their rights, and the policies that must exist before a task starts. */
  private taskRoles(
    id: string,
    serviceName: string,
    rights: Rights,
  ): { roles: TaskRoles; policies: IamRolePolicy[] } {
    const roles = new TaskRoles(this, id, { serviceName, accountId: this.accountId });
    const policies = [
      grantPull(roles.execution, this.data.imageRepository),
      grantWriteLogs(roles.execution, rights.logGroup),
      grantReadSecrets(roles.execution, rights.secrets),
      grantTableAccess(roles.task, this.data.table, rights),
    ];
    return { roles, policies };
  }

  /** Put together from names: those of the rollback stack do not exist yet when the API's rights are made. */
  private alarmArns(): string[] {
    const { awsRegion } = this.environment;
    return alarmNamesIn(this.environment).map(
      (name) => `arn:aws:cloudwatch:${awsRegion}:${this.accountId}:alarm:${name}`,
    );
  }

  private indexNames(): { all: string[]; ofJobs: string[] } {
    const { statusIndex, trackIndex, nameIndex } = this.environment.tableNames;
    // Jobs read what is due by status. Callers and names are asked for by the API alone.
    return { all: [statusIndex, trackIndex, nameIndex], ofJobs: [statusIndex] };
  }

  /** Of the definition, not of the service, which answers what ECS has made of it. */
  private revisionOutput(role: 'api' | 'worker', task: FargateTask): void {
    new TerraformOutput(this, `${role}_task_definition`, {
      description: `The revision that was deployed: what the ${role} runs, unless ECS or somebody has gone back.`,
      value: task.resource.arn,
    });
  }

  private outputs(loadBalancer: ApiLoadBalancer): void {
    new TerraformOutput(this, 'api_url', {
      description:
        'Where the API is. With a certificate, call it by the name on the certificate, which your DNS points here.',
      value: loadBalancer.url,
    });
    new TerraformOutput(this, 'load_balancer_dns_name', {
      description: "The load balancer's own name: the target of your DNS record.",
      value: loadBalancer.resource.dnsName,
    });
    new TerraformOutput(this, 'cluster_name', {
      description: 'The ECS cluster of both services.',
      value: this.cluster.name,
    });
    new TerraformOutput(this, 'service_names', {
      description: 'The ECS services, by what they run.',
      value: { api: this.apiService.name, worker: this.workerService.name },
    });
  }
}
