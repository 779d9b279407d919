import { describeDeployment } from '../deployment/support/tools';
import { describeApiRollback } from './checks/api-rollback';
import { describeAutomatedRollback } from './checks/automated-rollback';
import { describeFirstStudent } from './checks/first-student';
import { describeLeastPrivilege } from './checks/least-privilege';
import { describePipelineRoles } from './checks/pipeline-roles';
import { describeTaskFailures } from './checks/task-failures';
import { startDeployedSystem, type DeployedSystem } from './deployed-system';

/*
 * A newcomer's walk by the commands of docs/deploy.md, from an empty account, bootstrap and certificate included, to a
 * student's sandbox; then what becomes of
 * it when tasks fail. What AWS was asked meanwhile is held against the rights that the roles have.
 */

// A health check's retries, or a job's due time read again, on a busy machine.
jest.setTimeout(120_000);

/** The documented commands, and the first tasks; and at the end their drain. */
const DEPLOYMENT_TIMEOUT_MS = 1_300_000;

/** Enough for a lesson that lasts some minutes. */
const SANDBOX_COUNT = 1_500;

describeDeployment('what was deployed by the documentation', () => {
  let started: DeployedSystem | undefined;
  const system = (): DeployedSystem => {
    if (started === undefined) throw new Error('the system has not started');
    return started;
  };

  beforeAll(async () => {
    started = await startDeployedSystem({ sandboxCount: SANDBOX_COUNT });
  }, DEPLOYMENT_TIMEOUT_MS);

  afterAll(() => started?.stop(), DEPLOYMENT_TIMEOUT_MS);

  describe('the roles of the pipelines', () => {
    describePipelineRoles(system);
  });

  describe('from nothing to a student', () => {
    describeFirstStudent(system, SANDBOX_COUNT);
  });

  describe('tasks that fail', () => {
    describeTaskFailures(system);
  });

  describe('an alarm of the worker during a lesson', () => {
    describeAutomatedRollback(system);
  });

  describe('a new version of the API that is worse', () => {
    describeApiRollback(system);
  });

  // Last: it looks at what all of the above has asked of AWS.
  describe('the rights of the roles', () => {
    describeLeastPrivilege(system);
  });
});
