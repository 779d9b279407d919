import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { Construct } from 'constructs';

export interface TaskRolesProps {
  /** The service's name; the roles are `<name>-execution` and `<name>-task`. */
  serviceName: string;
  /** Only ECS acting for this account may take the task role. */
  accountId: string;
}

/**
 * The two roles of a service's tasks, without any right yet (see grants.ts): `execution` is what ECS itself uses to
 * start a task (pull, secrets, logs) and never reaches the container; `task` is what our code in it may do.
 */
export class TaskRoles extends Construct {
  readonly execution: IamRole;
  readonly task: IamRole;

  constructor(scope: Construct, id: string, props: TaskRolesProps) {
    super(scope, id);
    this.execution = this.#role('execution', 'ECS starts tasks with it: image, secrets, logs.', props);
    this.task = this.#role('task', 'What the code in the container may do.', props);
  }

  #role(kind: 'execution' | 'task', description: string, props: TaskRolesProps): IamRole {
    // Else a task of somebody else's account could be given our role (the confused deputy, IAM user guide). ECS says for
    // whom it acts when it takes a task role; for execution roles its developer guide promises no such thing.
    const condition = { Condition: { StringEquals: { 'aws:SourceAccount': props.accountId } } };
    return new IamRole(this, kind, {
      name: `${props.serviceName}-${kind}`,
      description,
      assumeRolePolicy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'ecs-tasks.amazonaws.com' },
            Action: 'sts:AssumeRole',
            ...(kind === 'task' ? condition : {}),
          },
        ],
      }),
    });
  }
}
