import type { DynamodbTable } from '@cdktf/provider-aws/lib/dynamodb-table';
import type { Construct } from 'constructs';
import { tableDefinition } from '../app/store/table';
import { BrokerStack } from './constructs/broker-stack';
import { SandboxTable } from './constructs/sandbox-table';
import type { DeploymentSettings } from './environments';

/** What must outlive every deploy of the services. Other stacks take its resources as objects, never by name. */
export class DataStack extends BrokerStack {
  readonly table: DynamodbTable;

  constructor(scope: Construct, settings: DeploymentSettings) {
    super(scope, 'data', settings);
    this.table = new SandboxTable(this, 'sandbox-table', {
      definition: tableDefinition(this.environment.tableNames),
      deletionProtection: this.environment.deletionProtection,
    }).resource;
  }
}
