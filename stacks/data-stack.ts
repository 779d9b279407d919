import type { DynamodbTable } from '@cdktf/provider-aws/lib/dynamodb-table';
import type { EcrRepository } from '@cdktf/provider-aws/lib/ecr-repository';
import { TerraformOutput } from 'cdktf';
import type { Construct } from 'constructs';
import { tableDefinition } from '../app/store/table';
import { BrokerSecrets } from './constructs/data/broker-secrets';
import { BrokerStack } from './constructs/broker-stack';
import { ImageRepository } from './constructs/data/image-repository';
import { SandboxTable } from './constructs/data/sandbox-table';
import type { DeploymentSettings } from './environments';
import { APPLICATION } from './names';

/** What must outlive every deploy of the services. Other stacks take its resources as objects, never by name. */
export class DataStack extends BrokerStack {
  readonly table: DynamodbTable;
  readonly secrets: BrokerSecrets;
  readonly imageRepository: EcrRepository;

  constructor(scope: Construct, settings: DeploymentSettings) {
    super(scope, 'data', settings);
    const { deletionProtection, secretRecoveryDays, tableNames } = this.environment;

    this.table = new SandboxTable(this, 'sandbox-table', {
      definition: tableDefinition(tableNames),
      deletionProtection,
    }).resource;
    this.secrets = new BrokerSecrets(this, 'secrets', {
      path: `${APPLICATION}/${this.environment.name}`,
      recoveryDays: secretRecoveryDays,
      preventDestroy: deletionProtection,
    });
    this.imageRepository = new ImageRepository(this, 'image-repository', {
      name: this.names.prefix,
      deleteWithImages: !this.environment.isProduction,
      preventDestroy: deletionProtection,
    }).resource;

    new TerraformOutput(this, 'image_repository_url', {
      description: 'Where to push the image: <url>:<tag>. A tag can be pushed once.',
      value: this.imageRepository.repositoryUrl,
    });
    new TerraformOutput(this, 'secret_names', {
      description: 'The secrets that a person must set before the first deploy of the services, by variable.',
      value: {
        BROKER_API_TOKEN: this.secrets.brokerApiToken.name,
        BROKER_ADMIN_TOKEN: this.secrets.brokerAdminToken.name,
        CSP_API_TOKEN: this.secrets.cspApiToken.name,
      },
    });
  }
}
