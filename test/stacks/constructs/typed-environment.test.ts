import { apiEnvironmentSchema } from '../../../app/config';
import { rollbackEnvironmentSchema } from '../../../alarms/rollback/config';
import { typedEnvironment, typedFunctionEnvironment } from '../../../stacks/constructs/typed-environment';
import { API_SECRETS, PLAIN, ROLLBACK_PLAIN } from './typed-environment-refusals';

// What must not compile is in typed-environment-refusals.ts.
describe('the environment of a container', () => {
  it('holds what it was given, sorted by name, and leaves out what is undefined', () => {
    const { environment, secrets } = typedEnvironment(
      apiEnvironmentSchema,
      { ...PLAIN, PORT: '8080', LOG_LEVEL: undefined },
      API_SECRETS,
    );

    expect(environment).toEqual([
      { name: 'AWS_REGION', value: 'us-east-1' },
      { name: 'CSP_BASE_URL', value: 'https://portal.example.com' },
      { name: 'DDB_GSI1_NAME', value: 'StatusIndex' },
      { name: 'DDB_GSI2_NAME', value: 'TrackIndex' },
      { name: 'DDB_GSI3_NAME', value: 'NameIndex' },
      { name: 'DDB_TABLE_NAME', value: 'SandboxPool' },
      { name: 'NODE_ENV', value: 'production' },
      { name: 'PORT', value: '8080' },
    ]);
    expect(secrets.map(({ name }) => name)).toEqual([
      'BROKER_ADMIN_TOKEN',
      'BROKER_API_TOKEN',
      'CSP_API_TOKEN',
    ]);
  });
});

describe('the environment of a function', () => {
  it('holds what it was given, and leaves out what is undefined', () => {
    const plain = { ...ROLLBACK_PLAIN, LOG_LEVEL: undefined };
    expect(typedFunctionEnvironment(rollbackEnvironmentSchema, plain)).toEqual(ROLLBACK_PLAIN);
    expect(typedFunctionEnvironment(rollbackEnvironmentSchema, plain)).not.toHaveProperty('LOG_LEVEL');
  });
});
