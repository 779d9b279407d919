import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  type Service,
  type TaskDefinition,
} from '@aws-sdk/client-ecs';
import type { Environment } from '../../../../stacks/environments';
import { deployedNames, type DeployedNames } from '../../../../stacks/names';
import type { AccountClients } from './account-clients';

/** One environment as it stands in the account. */
export interface DeployedBroker {
  environment: Environment;
  names: DeployedNames;
  clients: AccountClients;
}

/** Joins an environment and the account that it was deployed into. */
export function deployedBroker(environment: Environment, clients: AccountClients): DeployedBroker {
  return { environment, names: deployedNames(environment), clients };
}

/** An ECS service as the account has it now. */
export async function serviceOf(
  { clients, names }: DeployedBroker,
  which: 'apiService' | 'workerService',
): Promise<Service> {
  const { services } = await clients.ecs.send(
    new DescribeServicesCommand({ cluster: names.cluster, services: [names[which]] }),
  );
  return only(services);
}

/** The task definition that a service runs now. */
export async function taskDefinitionOf(
  broker: DeployedBroker,
  which: 'apiService' | 'workerService',
): Promise<TaskDefinition> {
  const { taskDefinition } = await serviceOf(broker, which);
  const described = await broker.clients.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
  return present(described.taskDefinition);
}

/** The one element of a list. @throws Error when there is none, or more than one. */
export function only<Element>(list: readonly Element[] | undefined): Element {
  const [element, ...others] = list ?? [];
  if (element === undefined || others.length > 0) {
    throw new Error(`Expected exactly one, found ${list?.length ?? 0}.`);
  }
  return element;
}

/** What an answer of AWS may lack by its type, but not here. @throws Error when it does. */
export function present<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('The answer lacks a part that it should have.');
  return value;
}
