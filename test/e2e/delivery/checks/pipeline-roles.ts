/* eslint-disable jest/no-export -- a suite for delivery.test.ts to run */
import { GetRoleCommand, paginateListRoles } from '@aws-sdk/client-iam';
import { BOOTSTRAP_PATH } from '../../../../stacks/names';
import { present } from '../../deployment/support/deployed-broker';
import type { CommandResult } from '../../deployment/support/command-runner';
import type { DeployedSystem } from '../deployed-system';
import { DeployedRole } from '../policy-simulator';

/** Granted to the plan role although no call of this plan needed it, each with its reason. */
const GRANTED_BESIDE_PLAN: Record<string, string> = {
  'lambda:ListTags': 'GetFunction of AWS leaves out the tags without it; the emulator does not',
};

/** That the roles of the pipelines, as the bootstrap stack has made them, may do what they have to, and what they have not. */
export function describePipelineRoles(system: () => DeployedSystem): void {
  let report: CommandResult;
  let planRole: DeployedRole;
  let deployRole: DeployedRole;

  const roleArn = (name: string): string => {
    const { accountId, broker } = system();
    return `arn:aws:iam::${accountId}:role${BOOTSTRAP_PATH}${broker.names.prefix}-${name}`;
  };

  beforeAll(async () => {
    const { iam } = system().broker.clients;
    planRole = await DeployedRole.read(iam, roleArn('plan'));
    deployRole = await DeployedRole.read(iam, roleArn('deploy'));
    report = await system().reportPlan();
  }, 600_000);

  it('reports a plan of all four stacks', () => {
    expect(report.exitCode).toBe(0);
    for (const stack of ['network', 'data', 'service', 'rollback']) {
      expect(report.stdout).toContain(`<summary>${system().broker.names.prefix}-${stack}: `);
    }
  });

  it('allows the plan role every call of that plan', async () => {
    const calls = system().recorded('plan');
    expect(calls.length).toBeGreaterThan(100);

    expect(await planRole.refused(calls)).toEqual([]);
  });

  it('grants the plan role no action that the plan did not need', () => {
    const needed = new Set(
      system()
        .recorded('plan')
        .map(({ action }) => action),
    );
    const unneeded = planRole
      .grantedActions()
      .filter((action) => !needed.has(action) && !(action in GRANTED_BESIDE_PLAN));

    expect(unneeded).toEqual([]);
  });

  it('allows the deploy role every call of the documented deploys, from the empty account on', async () => {
    const calls = system().recorded('deploy');
    expect(calls.map(({ action }) => action)).toContain('iam:CreateRole');

    expect(await deployRole.refused(calls)).toEqual([]);
  });

  it('has given the boundary to every role that the stacks have made', async () => {
    const { broker, accountId } = system();
    const { iam } = broker.clients;
    const boundaries: Record<string, string | undefined> = {};
    for await (const page of paginateListRoles({ client: iam }, {})) {
      for (const { RoleName, Path } of page.Roles ?? []) {
        if (Path !== '/' || RoleName === undefined) continue;
        const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
        boundaries[RoleName] = Role?.PermissionsBoundary?.PermissionsBoundaryArn;
      }
    }

    expect(Object.keys(boundaries)).toContain(broker.names.rollbackFunction);
    expect(new Set(Object.values(boundaries))).toEqual(
      new Set([`arn:aws:iam::${accountId}:policy${BOOTSTRAP_PATH}${broker.names.prefix}-boundary`]),
    );
  });

  it('would not have let the deploy role make one of them without it', async () => {
    const made = system()
      .recorded('deploy')
      .filter(({ action }) => action === 'iam:CreateRole');
    const withoutBoundary = made.map(({ action, resource }) => ({ action, resource }));

    expect(await deployRole.allowed(withoutBoundary)).toEqual([]);
    expect(present(made[0]?.context)).toHaveProperty('iam:PermissionsBoundary');
  });
}
