import {
  DynamoDBServiceException,
  GetItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  type DynamoDBClient,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import type { Item } from '../../app/store/items';
import { faultOfSandboxWrite, partitionKeyOf, type FaultOfKey, type KeyFault } from './keyed-faults';

const ABOUT = { message: 'injected', $metadata: {} };
const SANDBOX_PREFIX = 'SBX#';

const REASONS: Record<Exclude<KeyFault, 'hanging'>, string> = {
  throttled: 'ThrottlingError',
  conflict: 'TransactionConflict',
};

/**
 * A client of which some partition keys are throttled, hang or conflict, as those of DynamoDB do: a transaction with one
 * of them in it is cancelled, with a reason for each part, or gets no answer. What has no fault goes to `inner`.
 */
export function keyedFaultClient(inner: Pick<DynamoDBClient, 'send'>, faultOf: FaultOfKey): DynamoDBClient {
  const send = async (command: object, options?: { abortSignal?: AbortSignal }): Promise<unknown> => {
    const faults = faultsOf(command, faultOf);
    if (faults.includes('hanging')) await hang(options?.abortSignal);
    if (faults.some((fault) => fault !== undefined)) throw refusalOf(command, faults);
    return (inner.send as (command: object, options?: object) => Promise<unknown>).call(
      inner,
      command,
      options,
    );
  };
  return { send } as unknown as DynamoDBClient;
}

/** One for each part of the command. */
function faultsOf(command: object, faultOf: FaultOfKey): (KeyFault | undefined)[] {
  if (command instanceof TransactWriteItemsCommand) {
    return (command.input.TransactItems ?? []).map((part) => faultOfPart(part, faultOf));
  }
  if (command instanceof QueryCommand) {
    return [faultOf(command.input.ExpressionAttributeValues?.[':shard']?.S ?? '', 'read')];
  }
  if (command instanceof GetItemCommand) return [faultOf(partitionKeyOf(command.input.Key), 'read')];
  return [];
}

function faultOfPart(part: TransactWriteItem, faultOf: FaultOfKey): KeyFault | undefined {
  const key: Item | undefined =
    part.Put?.Item ?? part.Update?.Key ?? part.Delete?.Key ?? part.ConditionCheck?.Key;
  const partition = partitionKeyOf(key);
  if (!partition.startsWith(SANDBOX_PREFIX)) return faultOf(partition, 'write');
  return faultOfSandboxWrite(faultOf, partition.slice(SANDBOX_PREFIX.length));
}

function refusalOf(command: object, faults: (KeyFault | undefined)[]): Error {
  if (!(command instanceof TransactWriteItemsCommand)) {
    return new DynamoDBServiceException({ ...ABOUT, name: 'ThrottlingException', $fault: 'client' });
  }
  return new TransactionCanceledException({
    ...ABOUT,
    CancellationReasons: faults.map((fault) => ({
      Code: fault === undefined || fault === 'hanging' ? 'None' : REASONS[fault],
    })),
  });
}

/** Until the caller gives up. */
function hang(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    const giveUp = (): void => {
      reject(Object.assign(new Error('Request aborted'), { name: 'AbortError' }));
    };
    if (signal?.aborted) giveUp();
    else signal?.addEventListener('abort', giveUp, { once: true });
  });
}
