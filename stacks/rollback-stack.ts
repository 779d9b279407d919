import { TerraformOutput } from 'cdktf';
import type { Construct } from 'constructs';
import { ALARM_NAMES, ALARMS, type AlarmDefinition } from '../alarms/definitions';
import { BrokerStack } from './constructs/broker-stack';
import { DeadLetterQueue } from './constructs/rollback/dead-letter-queue';
import { RollbackAlarms } from './constructs/rollback/rollback-alarms';
import { RollbackFunction } from './constructs/rollback/rollback-function';
import { RollbackRule } from './constructs/rollback/rollback-rule';
import type { DataStack } from './data-stack';
import type { DeploymentSettings } from './environments';
import type { ServiceStack } from './service-stack';
import { guardWithServiceVariables } from './variables/declare-service-variables';

/** The stacks below this one. Their resources are passed as objects. */
export interface RollbackStackDependencies {
  data: DataStack;
  service: ServiceStack;
}

/**
 * The automated rollback: an alarm on the worker stops it and hands its jobs to the API, an alarm on the API takes them
 * from it (docs/adr/0008). Nothing else depends on this stack: without it people do the same by hand.
 */
export class RollbackStack extends BrokerStack {
  constructor(scope: Construct, settings: DeploymentSettings, { data, service }: RollbackStackDependencies) {
    super(scope, 'rollback', settings);
    const { names, environment } = this;
    const variables = guardWithServiceVariables(this, environment);
    const { topic, alarms } = service.alarms;

    // One queue for both kinds: whatever was not carried out lies in one place. A letter from EventBridge is the event,
    // with the reason in its attributes; one from Lambda has the event as `requestPayload`, and the error.
    const deadLetters = new DeadLetterQueue(this, 'dead-letters', {
      name: names.rollbackDeadLetters,
    }).resource;
    const rollback = new RollbackFunction(this, 'function', {
      environment,
      names,
      variables,
      cluster: service.cluster,
      workerService: service.workerService,
      desiredCountParameter: service.workerDesiredCountParameter,
      topic,
      table: data.table,
      deadLetters,
    });
    const rule = new RollbackRule(this, 'rule', {
      name: names.rollbackFunction,
      alarms: ALARM_NAMES.filter((name) => asksForAction(ALARMS[name])).map((name) => alarms[name]),
      target: rollback,
      deadLetters,
    });
    new RollbackAlarms(this, 'alarms', {
      prefix: names.prefix,
      subjects: {
        functionName: rollback.resource.functionName,
        ruleName: rule.resource.name,
        deadLetterQueueName: deadLetters.name,
      },
      topic,
    });

    new TerraformOutput(this, 'dead_letter_queue_url', {
      description: 'Where the events lie that asked for a rollback and got none.',
      value: deadLetters.url,
    });
    new TerraformOutput(this, 'function_name', {
      description: 'The function that carries out the rollback.',
      value: rollback.resource.functionName,
    });
  }
}

function asksForAction({ triggersRollback, stopsApiJobs }: AlarmDefinition): boolean {
  return triggersRollback || stopsApiJobs;
}
