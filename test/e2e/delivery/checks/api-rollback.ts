/* eslint-disable jest/no-export -- a suite for delivery.test.ts to run */
import { RegisterTaskDefinitionCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { serviceOf, taskDefinitionOf } from '../../deployment/support/deployed-broker';
import type { DeployedSystem } from '../deployed-system';

/** `rollback api`: back to the revision before, if there is one. */
export function describeApiRollback(system: () => DeployedSystem): void {
  // The emulator never calls a service steady, so nobody waits for it.
  const ROLLBACK = 'rollback api --yes --wait-minutes 0';

  it('refuses while there is no revision to go back to', async () => {
    const { broker, runBroker } = system();
    const { exitCode, output } = await runBroker(ROLLBACK);

    expect(exitCode).toBe(1);
    expect(output).toContain('sandbox-broker-dev-api:1');
    expect((await serviceOf(broker, 'apiService')).taskDefinition).toMatch(/sandbox-broker-dev-api:1$/);
  });

  it('returns the service to the revision before, says what it did, and how to keep it so', async () => {
    const { broker, runBroker } = system();
    await deployRevision();

    const { output } = await runBroker(ROLLBACK);

    expect((await serviceOf(broker, 'apiService')).taskDefinition).toMatch(/sandbox-broker-dev-api:1$/);
    expect(output).toContain('sandbox-broker-dev-api:1');
    expect(output).toContain('TF_VAR_container_image=');
    const history = await runBroker('history --json');
    expect(history.output).toContain('rollback_api');
  });

  /** As a deploy of another setting does: a revision that runs the same is nothing to go back from. */
  async function deployRevision(): Promise<void> {
    const { broker } = system();
    const { ecs } = broker.clients;
    const { family, containerDefinitions, ...current } = await taskDefinitionOf(broker, 'apiService');
    const { taskDefinition } = await ecs.send(
      new RegisterTaskDefinitionCommand({
        family,
        containerDefinitions: containerDefinitions?.map((container) => ({
          ...container,
          environment: [...(container.environment ?? []), { name: 'LOG_LEVEL', value: 'debug' }],
        })),
        cpu: '1024',
        memory: '2048',
        networkMode: current.networkMode,
        requiresCompatibilities: current.requiresCompatibilities,
        executionRoleArn: current.executionRoleArn,
        taskRoleArn: current.taskRoleArn,
      }),
    );
    const { cluster, apiService: service } = broker.names;
    const arn = taskDefinition?.taskDefinitionArn;
    await ecs.send(new UpdateServiceCommand({ cluster, service, taskDefinition: arn }));
    expect(arn).toMatch(/sandbox-broker-dev-api:2$/);
  }
}
