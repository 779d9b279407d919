import { budgetGaps } from './budget-gaps';
import type { EmulatorGap } from './emulator-gap';

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
      reason: 'moto forgets how a service is deployed; it is kept here.',
      afterEmulator: (request, answer) => services.note(request, answer),
    },
    {
      target: `${ECS}.UpdateService`,
      reason: 'As CreateService.',
      afterEmulator: (request, answer) => services.note(request, answer),
    },
    {
      target: `${ECS}.DescribeServices`,
      reason: 'As CreateService: without it, every plan would show what moto forgot as a change.',
      afterEmulator: (_request, answer) => services.complete(answer),
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
    return { ...service, ...this.fieldsByArn.get(service.serviceArn) };
  }
}
