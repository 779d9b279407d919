import { ENVIRONMENTS } from '../../stacks/environments';
import { deployedNames } from '../../stacks/names';
import { ScriptFolder } from './run-script';

const URL = '123456789012.dkr.ecr.us-east-1.amazonaws.com/sandbox-broker-prod';
const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const NAME = deployedNames(ENVIRONMENTS.prod).prefix;

let folder: ScriptFolder;

beforeEach(() => {
  folder = new ScriptFolder();
});

afterEach(() => {
  folder.remove();
});

function run(choice: string): ReturnType<ScriptFolder['run']> {
  return folder.run('deployment-image.mjs', [choice], { ENVIRONMENT: 'prod' });
}

it('finds the digest in the repository of the environment', () => {
  folder.addProgram(
    'aws',
    `case "$*" in *"ecr describe-repositories --repository-names ${NAME} "*) echo ${URL} ;; *) exit 9 ;; esac`,
  );

  expect(run(DIGEST)).toMatchObject({ status: 0, stdout: `TF_VAR_container_image=${URL}@${DIGEST}\n` });
});

it('finds the image that runs in the revision of the service, which may not be the newest of its family', () => {
  folder.addProgram(
    'aws',
    `case "$*" in
      *"--cluster ${NAME} --services ${NAME}-api "*) echo ${NAME}-api:7 ;;
      *"--task-definition ${NAME}-api:7 "*) echo ${URL}:1.2 ;;
      *) exit 9 ;;
    esac`,
  );

  expect(run('running')).toMatchObject({ status: 0, stdout: `TF_VAR_container_image=${URL}:1.2\n` });
});

it.each(['latest', 'sha256:12', `${DIGEST}\nPATH=/evil`, `${DIGEST}0`, ''])(
  'refuses %j, which is no digest, without asking AWS',
  (digest) => {
    folder.addProgram('aws', 'touch asked; echo x');

    const { status, stdout, stderr } = run(digest);

    expect(stderr).toContain('is no digest');
    expect(stdout).toBe('');
    expect(status).toBe(1);
  },
);

it.each([
  [DIGEST, 'prod has no image repository yet'],
  ['running', 'prod runs no API yet'],
])('says of %s what to do when the environment is not there yet', (choice, message) => {
  folder.addProgram('aws', 'echo "An error occurred" >&2; exit 254');

  const { status, stdout, stderr } = run(choice);

  expect(stderr).toContain(message);
  expect(stderr).toContain('An error occurred');
  expect(stdout).toBe('');
  expect(status).toBe(1);
});
