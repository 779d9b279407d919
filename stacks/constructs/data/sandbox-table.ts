import { DynamodbTable } from '@cdktf/provider-aws/lib/dynamodb-table';
import { Construct } from 'constructs';
import type { TableDefinition } from '../../../app/store/table';

/**
 * A table is always encrypted. Off means with a key that AWS owns: no key of ours that could be disabled or deleted stands
 * between the students and their sandboxes. docs/adr/0017 has the reasons, and what to change for a key of our own.
 */
const HAS_KEY_OF_THE_ACCOUNT = false;

export interface SandboxTableProps {
  /** The one definition that the local engine and the tests use as well. */
  definition: TableDefinition;
  /** When on, AWS refuses to delete the table, and Terraform refuses any plan that deletes or replaces it. */
  deletionProtection: boolean;
}

/**
 * The broker's table in AWS. It promises the definition's keys, indexes and TTL, billing by request (a class
 * starts in one second, and then nothing happens for an hour), encryption with a key of AWS, and recovery to any second of the last 35 days.
 */
export class SandboxTable extends Construct {
  readonly resource: DynamodbTable;

  constructor(scope: Construct, id: string, props: SandboxTableProps) {
    super(scope, id);
    const { definition } = props;

    // "Default" keeps Terraform's address to the construct's own id, as an on-call responder would guess it.
    this.resource = new DynamodbTable(this, 'Default', {
      name: definition.name,
      billingMode: 'PAY_PER_REQUEST',
      hashKey: definition.hashKey,
      rangeKey: definition.rangeKey,
      attribute: definition.attributes,
      globalSecondaryIndex: definition.indexes.map((index) => ({
        name: index.name,
        hashKey: index.hashKey,
        rangeKey: index.rangeKey,
        projectionType: 'ALL',
      })),
      ttl: { attributeName: definition.ttlAttribute, enabled: true },
      pointInTimeRecovery: { enabled: true },
      serverSideEncryption: { enabled: HAS_KEY_OF_THE_ACCOUNT },
      deletionProtectionEnabled: props.deletionProtection,
      // So that such a plan fails before it has touched anything else.
      lifecycle: { preventDestroy: props.deletionProtection },
    });
  }
}
