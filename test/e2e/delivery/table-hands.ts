import { DeleteItemCommand, DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { JobName } from '../../../app/store/job-store';

const DAY_SECONDS = 86_400;
const LAB_SECONDS = 4 * 3_600;

/** Hands in the table: what only time, or a person with the AWS console, could do. */
export class TableHands {
  readonly #client: DynamoDBClient;

  constructor(
    endpoint: string,
    region: string,
    private readonly tableName: string,
  ) {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    this.#client = new DynamoDBClient({ endpoint, region, credentials });
  }

  /** As if a job's interval had passed. */
  async makeDue(job: JobName): Promise<void> {
    await this.#set(`JOB#${job}`, 'LAST', { next_due_at: 0 });
  }

  /** As if an allocation's time, and its grace, had passed. */
  async letExpire(sandboxId: string): Promise<void> {
    const endedAt = Math.floor(Date.now() / 1_000) - DAY_SECONDS;
    // Of an allocation that ends before it begins neither time is believed: it would be corrected instead.
    const allocatedAt = endedAt - LAB_SECONDS;
    await this.#set(`SBX#${sandboxId}`, 'META', {
      allocated_at: allocatedAt,
      expires_at: endedAt,
      status_order: endedAt,
    });
  }

  /** Removes a sandbox's row, and leaves the claim for it behind. */
  async removeRow(sandboxId: string): Promise<void> {
    const Key = { PK: { S: `SBX#${sandboxId}` }, SK: { S: 'META' } };
    await this.#client.send(new DeleteItemCommand({ TableName: this.tableName, Key }));
  }

  close(): void {
    this.#client.destroy();
  }

  async #set(PK: string, SK: string, numbers: Record<string, number>): Promise<void> {
    const names = Object.keys(numbers);
    await this.#client.send(
      new UpdateItemCommand({
        TableName: this.tableName,
        Key: { PK: { S: PK }, SK: { S: SK } },
        UpdateExpression: `SET ${names.map((name) => `${name} = :${name}`).join(', ')}`,
        ConditionExpression: 'attribute_exists(PK)',
        ExpressionAttributeValues: Object.fromEntries(
          Object.entries(numbers).map(([name, value]) => [`:${name}`, { N: String(value) }]),
        ),
      }),
    );
  }
}
