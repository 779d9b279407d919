import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { DynamodbTable } from '@cdktf/provider-aws/lib/dynamodb-table';
import { Lb } from '@cdktf/provider-aws/lib/lb';
import { LbTargetGroup } from '@cdktf/provider-aws/lib/lb-target-group';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { TerraformOutput, TerraformStack, type App } from 'cdktf';
import { BrokerAlarms } from '../../../../stacks/constructs/alarms/broker-alarms';
import { ENVIRONMENTS } from '../../../../stacks/environments';
import { deployedNames } from '../../../../stacks/names';
import { declareServiceVariables } from '../../../../stacks/variables/declare-service-variables';

export const INDEX_NAMES = ['ByStatus', 'ByTrack', 'ByName'];
export const NAMES = deployedNames(ENVIRONMENTS.dev);
/** Terraform's references to what the alarms get as objects. */
export const BALANCER = '${aws_lb.balancer.arn_suffix}';
export const TARGETS = '${aws_lb_target_group.targets.arn_suffix}';
export const TABLE = '${aws_dynamodb_table.table.name}';

/** A stack with the alarms and just so much that there is something to watch. */
export class WatchedStack extends TerraformStack {
  readonly alarms: BrokerAlarms;

  constructor(app: App) {
    super(app, 'watched');
    new AwsProvider(this, 'aws', { region: 'us-east-1' });
    const table = new DynamodbTable(this, 'table', { name: 'pool' });
    this.alarms = new BrokerAlarms(this, 'alarms', {
      names: NAMES,
      awsRegion: 'us-east-1',
      variables: declareServiceVariables(this, ENVIRONMENTS.dev),
      apiLogGroup: new CloudwatchLogGroup(this, 'api-logs', { name: NAMES.apiLogGroup }),
      workerLogGroup: new CloudwatchLogGroup(this, 'worker-logs', { name: NAMES.workerLogGroup }),
      loadBalancer: new Lb(this, 'balancer', {}),
      targetGroup: new LbTargetGroup(this, 'targets', {}),
      webAclMetricName: 'the-firewall',
      table,
      indexNames: INDEX_NAMES,
    });
    new TerraformOutput(this, 'deployment-alarms', {
      value: this.alarms.alarmNames(({ isDeploymentAlarm }) => isDeploymentAlarm),
    });
  }
}
