import fc from 'fast-check';
import { apiEnvironmentSchema, parseApiConfig } from '../../app/config';
import { ConfigError } from '../../app/environment';
import { parseWorkerConfig, workerEnvironmentSchema } from '../../worker/config';
import { oddText } from './odd-values';
import { fuzzSettings, runProperty } from './run-property';

type Environment = Record<string, string | undefined>;

/** Each process's parser, and every variable that it knows. */
const PROCESSES = [
  { what: 'the API', parse: parseApiConfig, variables: Object.keys(apiEnvironmentSchema.shape) },
  { what: 'the worker', parse: parseWorkerConfig, variables: Object.keys(workerEnvironmentSchema.shape) },
];

/** What a development machine sets. */
const FINE: Environment = {
  BROKER_API_TOKEN: 'track-token',
  BROKER_ADMIN_TOKEN: 'admin-token',
  AWS_REGION: 'eu-central-1',
  CSP_BASE_URL: 'http://127.0.0.1:9000',
  CSP_API_TOKEN: 'portal-token',
};

const oddValue = fc.oneof(
  { weight: 3, arbitrary: oddText },
  { weight: 1, arbitrary: fc.integer({ min: -10, max: 100_000 }).map(String) },
  { weight: 1, arbitrary: fc.webUrl({ withFragments: true, withQueryParameters: true }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'production',
      'debug',
      '*',
      '/v2',
      'us-east-1',
      'https://a.example',
      'a,b',
      '0x10',
    ),
  },
);

it.each(PROCESSES)(
  '$what starts, or names each faulty variable and no secret',
  async ({ what, parse, variables }) => {
    let started = 0;
    let refused = 0;
    const environments = fc
      .dictionary(fc.constantFrom(...variables), oddValue, { maxKeys: 4 })
      .map((odd): Environment => ({ ...FINE, ...odd }));

    await runProperty(
      environments,
      (environment) => {
        try {
          parse(environment);
          started += 1;
          return [];
        } catch (error) {
          refused += 1;
          // Anything else would end the process with a stack trace.
          if (!(error instanceof ConfigError)) throw error;
          return error.faults.flatMap((fault) => wrongWith(fault, environment, variables));
        }
      },
      fuzzSettings(`the environment of ${what}`, 1_000),
    );

    expect(started).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(0);
  },
);

/** A fault begins with the variable, says something, and never shows a token. */
function wrongWith(fault: string, environment: Environment, variables: string[]): string[] {
  const [variable = '', ...words] = fault.split(' ');
  const wrong: string[] = [];
  if (!variables.includes(variable)) wrong.push(`names no variable: ${fault}`);
  if (words.length < 3) wrong.push(`says too little: ${fault}`);
  if (/Invalid input|expected|undefined/.test(fault)) wrong.push(`speaks of our insides: ${fault}`);
  for (const secret of ['BROKER_API_TOKEN', 'BROKER_ADMIN_TOKEN', 'CSP_API_TOKEN']) {
    const value = environment[secret] ?? '';
    if (value.length > 12 && fault.includes(value)) wrong.push(`shows ${secret}: ${fault}`);
  }
  return wrong;
}
