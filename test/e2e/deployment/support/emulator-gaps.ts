import { InactiveRevisions, ParameterPatterns, refuseMisunderstood } from './aws-refusals';
import { budgetGaps } from './budget-gaps';
import { serviceAsEcsAnswers, taskDefinitionAsEcsAnswers } from './ecs-answers';
import type { EmulatorGap } from './emulator-gap';
import { SecurityGroupRuleDescriptions } from './security-group-rule-descriptions';

type Json = Record<string, unknown>;

const AUTOSCALING = 'AnyScaleFrontendService';
const ECS = 'AmazonEC2ContainerServiceV20141113';

/**
 * Everything that stands between Terraform and moto 5.2.1, one by one; nothing else is added or changed. Each run gets
 * a list of its own, because some entries remember.
 */
export function emulatorGaps(): EmulatorGap[] {
  const scalableTargets = new ScalableTargetTags();
  const services = new ServiceFields();
  const revisions = new InactiveRevisions();
  const parameters = new ParameterPatterns();
  const rules = new SecurityGroupRuleDescriptions();
  const ruleReason = 'moto drops the description of a rule that names a group instead of addresses.';
  return [
    {
      target: `${AUTOSCALING}.RegisterScalableTarget`,
      reason: 'moto forgets the tags of a scalable target; they are kept here.',
      afterEmulator: (request, answer) => scalableTargets.note(request, answer),
    },
    {
      target: `${AUTOSCALING}.ListTagsForResource`,
      reason: 'moto lacks it, and answers 500; the provider would try again for minutes.',
      insteadOfEmulator: (request) => scalableTargets.tagsOf(request),
    },
    {
      target: `${ECS}.CreateService`,
      reason:
        'moto forgets how a service is deployed; it is kept here. And it takes a revision that is INACTIVE.',
      refuse: (request) => revisions.refuse(request),
      afterEmulator: (request, answer) => services.note(request, answer),
    },
    {
      target: `${ECS}.UpdateService`,
      reason: 'As CreateService.',
      refuse: (request) => revisions.refuse(request),
      afterEmulator: (request, answer) => services.note(request, answer),
    },
    {
      target: `${ECS}.DescribeServices`,
      reason: 'As CreateService: without it, every plan would show what moto forgot as a change.',
      afterEmulator: (_request, answer) => services.complete(answer),
    },
    {
      target: `${ECS}.DeregisterTaskDefinition`,
      reason: 'As CreateService: from then on no service may run it.',
      afterEmulator: (_request, answer) => revisions.note(answer),
    },
    {
      target: 'AmazonSSM.PutParameter',
      reason: 'moto keeps a value that the AllowedPattern of its parameter excludes.',
      refuse: (request) => parameters.refuse(request),
    },
    {
      target: 'DynamoDB_20120810.TransactWriteItems',
      reason:
        'moto ignores ClientRequestToken, and writes twice. Rows belong into the engine (test/e2e/delivery).',
      refuse: refuseMisunderstood(
        'ignores the token of a transaction',
        ({ ClientRequestToken }) => ClientRequestToken !== undefined,
      ),
    },
    {
      target: 'Logs_20140328.FilterLogEvents',
      reason: 'moto returns every line for a JSON pattern. Patterns are tested on real lines by test/alarms.',
      refuse: refuseMisunderstood('returns every line for a pattern of JSON', ({ filterPattern }) =>
        String(filterPattern).trim().startsWith('{'),
      ),
    },
    ...['RegisterTaskDefinition', 'DescribeTaskDefinition'].map((action) => ({
      target: `${ECS}.${action}`,
      reason: 'moto gives back what it got; ECS answers in a form of its own (ecs-answers.ts).',
      afterEmulator: (_request: Json, answer: Json) => ({
        ...answer,
        taskDefinition: taskDefinitionAsEcsAnswers(answer.taskDefinition as Json),
      }),
    })),
    ...['AuthorizeSecurityGroupEgress', 'AuthorizeSecurityGroupIngress'].map((action) => ({
      target: `ec2.${action}`,
      reason: ruleReason,
      afterEmulatorXml: (request: URLSearchParams, answer: string) => rules.note(request, answer),
    })),
    {
      target: 'ec2.DescribeSecurityGroupRules',
      reason: ruleReason,
      afterEmulatorXml: (_request, answer) => rules.complete(answer),
    },
    ...budgetGaps(),
  ];
}

class ScalableTargetTags {
  private readonly tagsByArn = new Map<unknown, unknown>();

  note(request: Json, answer: Json): Json {
    if (request.Tags !== undefined) this.tagsByArn.set(answer.ScalableTargetARN, request.Tags);
    return answer;
  }

  tagsOf(request: Json): Json {
    return { Tags: this.tagsByArn.get(request.ResourceARN) ?? {} };
  }
}

class ServiceFields {
  private static readonly names = [
    'availabilityZoneRebalancing',
    'deploymentConfiguration',
    'enableECSManagedTags',
    'healthCheckGracePeriodSeconds',
  ];
  private readonly fieldsByArn = new Map<unknown, Json>();

  /** A field that an update leaves out stays as it is, as in AWS. */
  note(request: Json, answer: Json): Json {
    const service = answer.service as Json;
    const given = Object.entries(request).filter(([name]) => ServiceFields.names.includes(name));
    const known = this.fieldsByArn.get(service.serviceArn);
    this.fieldsByArn.set(service.serviceArn, { ...known, ...Object.fromEntries(given) });
    return { ...answer, service: this.completed(service) };
  }

  complete(answer: Json): Json {
    const services = answer.services as Json[];
    return { ...answer, services: services.map((service) => this.completed(service)) };
  }

  private completed(service: Json): Json {
    return serviceAsEcsAnswers({ ...service, ...this.fieldsByArn.get(service.serviceArn) });
  }
}
