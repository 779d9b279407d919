import { EcrLifecyclePolicy } from '@cdktf/provider-aws/lib/ecr-lifecycle-policy';
import { EcrRepository } from '@cdktf/provider-aws/lib/ecr-repository';
import { Construct } from 'constructs';

export interface ImageRepositoryProps {
  name: string;
  /** When off, AWS refuses to delete it as long as it holds an image. */
  deleteWithImages: boolean;
  /** When on, Terraform refuses any plan that deletes or replaces it. */
  preventDestroy: boolean;
}

/**
 * How many tagged images are kept. A rollback needs the image of the revision before, and a task that is restarted
 * needs the one it has run all along, however old: so none is ever deleted for its age. At ten pushes a working day,
 * 500 are the last ten weeks. Images share the layers they have in common, so that more cost little.
 */
const TAGGED_IMAGES_KEPT = 500;

/** A push that broke off, and what was built without a tag. ECR spares what a tagged multi-platform image is made of. */
const UNTAGGED_IMAGE_DAYS = 14;

/**
 * Where the one image of API and worker lies. A tag never moves to another image: what a task definition names is
 * what was tested. Each image is scanned for known vulnerabilities when it is pushed.
 */
export class ImageRepository extends Construct {
  readonly resource: EcrRepository;

  constructor(scope: Construct, id: string, props: ImageRepositoryProps) {
    super(scope, id);

    this.resource = new EcrRepository(this, 'Default', {
      name: props.name,
      imageTagMutability: 'IMMUTABLE',
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: [{ encryptionType: 'AES256' }],
      forceDelete: props.deleteWithImages,
      lifecycle: { preventDestroy: props.preventDestroy },
    });
    new EcrLifecyclePolicy(this, 'lifecycle-policy', {
      repository: this.resource.name,
      policy: JSON.stringify({ rules: LIFECYCLE_RULES }),
    });
  }
}

const LIFECYCLE_RULES = [
  {
    rulePriority: 1,
    description: `Untagged images go after ${UNTAGGED_IMAGE_DAYS} days`,
    selection: {
      tagStatus: 'untagged',
      countType: 'sinceImagePushed',
      countUnit: 'days',
      countNumber: UNTAGGED_IMAGE_DAYS,
    },
    action: { type: 'expire' },
  },
  {
    rulePriority: 2,
    description: `The last ${TAGGED_IMAGES_KEPT} tagged images stay`,
    selection: {
      tagStatus: 'tagged',
      tagPatternList: ['*'],
      countType: 'imageCountMoreThan',
      countNumber: TAGGED_IMAGES_KEPT,
    },
    action: { type: 'expire' },
  },
];
