/**
 * Prints which image a pipeline plans or deploys with, as `TF_VAR_container_image=...` for GitHub's $GITHUB_ENV.
 *
 *     node scripts/deployment-image.mjs sha256:<digest>   that image, in the repository of $ENVIRONMENT
 *     node scripts/deployment-image.mjs running           the one that the API runs now
 *
 * Asks AWS through its command line, and exits with 1 and a sentence when there is none.
 */
import { execFileSync } from 'node:child_process';

const [choice = ''] = process.argv.slice(2);
const { ENVIRONMENT = '' } = process.env;
const prefix = `sandbox-broker-${ENVIRONMENT}`;

function refuse(sentence) {
  console.error(sentence);
  process.exit(1);
}

function aws(args, whenMissing) {
  try {
    const stdio = ['ignore', 'pipe', 'inherit'];
    return execFileSync('aws', [...args, '--output', 'text'], { encoding: 'utf8', stdio }).trim();
  } catch {
    return refuse(whenMissing);
  }
}

function runningImage() {
  // The service's own revision: the family's newest may be one that ECS has gone back from.
  const service = ['--cluster', prefix, '--services', `${prefix}-api`];
  const revision = aws(
    ['ecs', 'describe-services', ...service, '--query', 'services[0].taskDefinition'],
    `${ENVIRONMENT} runs no API yet. Its first deployment is made by hand (docs/deploy.md).`,
  );
  const family = ['--task-definition', revision];
  const query = ['--query', 'taskDefinition.containerDefinitions[0].image'];
  return aws(
    ['ecs', 'describe-task-definition', ...family, ...query],
    `${ENVIRONMENT} runs no API yet. Its first deployment is made by hand (docs/deploy.md).`,
  );
}

function imageWithDigest(digest) {
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) {
    refuse(`"${digest}" is no digest: it is sha256: and 64 digits from 0 to f.`);
  }
  const query = ['--query', 'repositories[0].repositoryUri'];
  const url = aws(
    ['ecr', 'describe-repositories', '--repository-names', prefix, ...query],
    `${ENVIRONMENT} has no image repository yet. Its first deployment is made by hand (docs/deploy.md).`,
  );
  return `${url}@${digest}`;
}

if (ENVIRONMENT === '') refuse('ENVIRONMENT is empty: no environment was chosen.');
console.log(`TF_VAR_container_image=${choice === 'running' ? runningImage() : imageWithDigest(choice)}`);
