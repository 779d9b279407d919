import fc from 'fast-check';
import { apiEnvironmentSchema } from '../../../app/config';
import { DeploymentSettingError, type Environment, ENVIRONMENTS } from '../../../stacks/environments';
import {
  checkServiceVariables,
  serviceVariableFaults,
} from '../../../stacks/variables/check-service-variables';
import { GIVEN, VARIABLE_CASES, type VariableCase } from './variable-cases';

/** As a shell gives them to synth. */
function asTerraformVariables(values: Record<string, string>): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`TF_VAR_${name}`, value]));
}

function refusedNames({ environment, values }: VariableCase): string[] {
  const variables = asTerraformVariables({ ...GIVEN, ...values });
  return serviceVariableFaults(ENVIRONMENTS[environment], variables).map(({ name }) => name);
}

function messagesFor(environment: 'dev' | 'prod', values: Record<string, string>): string[] {
  const variables = asTerraformVariables(values);
  return serviceVariableFaults(ENVIRONMENTS[environment], variables).map(({ message }) => message);
}

describe('the values of the variables', () => {
  const cases = VARIABLE_CASES.map((one) => [one.environment, JSON.stringify(one.values), one] as const);

  it.each(cases)('are judged by their rules in %s: %s', (_environment, _values, one) => {
    expect(refusedNames(one).sort()).toEqual([...one.refused].sort());
  });

  it('are all checked in one go, so that one run names every fault', () => {
    const values = { ...GIVEN, cors_allowed_origins: '*', certificate_arn: '', worker_cpu: '300' };
    const check = () => {
      checkServiceVariables(ENVIRONMENTS.prod, asTerraformVariables(values));
    };

    expect(check).toThrow(DeploymentSettingError);
    expect(check).toThrow(
      /^The variables of prod are not valid.*\n {2}TF_VAR_cors_allowed_origins .*\n {2}TF_VAR_certificate_arn .*\n {2}TF_VAR_worker_cpu .*$/,
    );
  });

  it('pass when they are fine', () => {
    expect(() => {
      checkServiceVariables(ENVIRONMENTS.prod, asTerraformVariables(GIVEN));
    }).not.toThrow();
  });
});

describe('the messages', () => {
  it('name the memory that Fargate offers for the chosen CPU, also when the memory was not chosen', () => {
    expect(messagesFor('dev', { worker_cpu: '512' })).toEqual([
      'TF_VAR_worker_memory is 512 by default, but must be 1024, 2048, 3072 or 4096 (MiB) when worker_cpu is 512.',
    ]);
  });

  it('name the CPU units that Fargate offers', () => {
    expect(messagesFor('dev', { api_cpu: '300' })).toEqual([
      'TF_VAR_api_cpu is "300", but must be a number of CPU units that Fargate offers: ' +
        '256, 512, 1024, 2048, 4096, 8192 or 16384.',
    ]);
  });

  it('say of an image tagged latest that the tag is what is wrong', () => {
    expect(messagesFor('prod', { ...GIVEN, container_image: 'sandbox-broker:latest' })).toEqual([
      'TF_VAR_container_image is "sandbox-broker:latest", but must not be tagged latest in production: ' +
        'a tag that moves cannot be rolled back.',
    ]);
  });

  it('show no password that was written into a URL', () => {
    const messages = messagesFor('dev', {
      ...GIVEN,
      csp_base_url: 'https://user:pass/w@rd@portal.example.com',
    });

    expect(messages).toEqual([
      expect.stringContaining('TF_VAR_csp_base_url is "https://***@portal.example.com"'),
    ]);
  });

  it('say of * as the origin that production wants names', () => {
    expect(messagesFor('prod', { ...GIVEN, cors_allowed_origins: '*' })).toEqual([
      'TF_VAR_cors_allowed_origins is "*", but must not hold * in production: ' +
        'name the origins that need to call the API.',
    ]);
  });
});

describe('variables that are not set', () => {
  it('are no fault in dev', () => {
    expect(messagesFor('dev', {})).toEqual([]);
  });

  it('are refused in production where there is no safe default, each by its name', () => {
    expect(messagesFor('prod', {})).toEqual([
      'TF_VAR_cors_allowed_origins is not set, but must be origins such as https://play.instruqt.com, ' +
        'separated by commas.',
      'TF_VAR_certificate_arn is not set, but must be the ARN of an ACM certificate in us-east-1 in production: ' +
        'tokens do not travel in clear text.',
      'TF_VAR_alarm_email is not set, but must be the e-mail address that gets the alarms, ' +
        'such as on-call@example.com, in production.',
    ]);
  });

  it('may be the image and the portal: the network and the table are deployed before they are known', () => {
    const { cors_allowed_origins, certificate_arn, alarm_email } = GIVEN;
    const given = { cors_allowed_origins, certificate_arn, alarm_email } as Record<string, string>;
    expect(messagesFor('prod', given)).toEqual([]);
  });
});

describe('the certificate', () => {
  it('has to be of the region of the environment', () => {
    const environment = { ...ENVIRONMENTS.prod, awsRegion: 'eu-west-1' };
    const faults = serviceVariableFaults(environment, asTerraformVariables(GIVEN));
    expect(faults.map(({ name }) => name)).toEqual(['certificate_arn']);
  });
});

describe('a zone in which Fargate has no ARM64', () => {
  const environment: Environment = { ...ENVIRONMENTS.prod, availabilityZoneIds: ['use1-az1', 'use1-az3'] };
  const messages = (values: Record<string, string>): string[] =>
    serviceVariableFaults(environment, asTerraformVariables({ ...GIVEN, ...values })).map(
      ({ message }) => message,
    );

  it('is refused before anything is touched, with what to do instead', () => {
    expect(messages({})).toEqual([
      'TF_VAR_cpu_architecture is "ARM64" by default, but must not be ARM64 in the zone use1-az3, where Fargate has ' +
        'none: choose another zone in SANDBOX_BROKER_ZONE_IDS, or X86_64 and an image that is built for it.',
    ]);
  });

  it('is fine for an image that is built for X86_64', () => {
    expect(messages({ cpu_architecture: 'X86_64' })).toEqual([]);
  });
});

describe('what passes here', () => {
  // Mostly words of the grammar, so that many runs pass and the property means something.
  const word = fc.constantFrom(
    'https',
    'http',
    '://',
    'play',
    'a-b',
    '10',
    '255',
    '.',
    ':',
    '443',
    '80',
    '3000',
    '*',
    ',',
  );
  const text = fc.oneof(
    fc.array(word, { maxLength: 10 }).map((words) => words.join('')),
    fc
      .tuple(fc.constantFrom('http', 'https'), fc.domain(), fc.integer({ min: 0, max: 70_000 }))
      // A made-up "xn--" name is not the form of any real one, which no pattern can tell.
      .filter(([, domain]) => !domain.includes('xn--'))
      .map(([scheme, domain, port]) => `${scheme}://${domain}:${port}`),
    fc.webUrl(),
  );

  it.each([
    ['cors_allowed_origins', 'CORS_ALLOWED_ORIGINS'],
    ['csp_base_url', 'CSP_BASE_URL'],
  ] as const)('as %s is accepted by the app', (name, variable) => {
    let passed = 0;
    fc.assert(
      fc.property(text, (value) => {
        if (refusedNames({ environment: 'dev', values: { [name]: value }, refused: [] }).length > 0) return;
        passed += 1;
        expect(apiEnvironmentSchema.shape[variable].safeParse(value)).toMatchObject({ success: true });
      }),
      { numRuns: 1_000 },
    );
    expect(passed).toBeGreaterThan(50);
  });
});
