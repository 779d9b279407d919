/** Values of `TF_VAR_*` by the variables' names, and the variables that must be refused then. */
export interface VariableCase {
  environment: 'dev' | 'prod';
  values: Record<string, string>;
  refused: string[];
}

const DIGEST = 'a'.repeat(64);
const ECR_IMAGE = '123456789012.dkr.ecr.us-east-1.amazonaws.com/sandbox-broker-prod';
const CERTIFICATE = 'arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555';

/** Every variable that has no default, with a value that is fine in every environment. */
export const GIVEN: Readonly<Record<string, string>> = {
  container_image: `${ECR_IMAGE}:1.4.2`,
  csp_base_url: 'https://portal.example.com/api',
  cors_allowed_origins: 'https://play.instruqt.com',
  certificate_arn: CERTIFICATE,
  alarm_email: 'on-call@example.com',
};

/** One variable set to each of some values, the others as in {@link GIVEN}. */
function each(
  environment: VariableCase['environment'],
  name: string,
  { accepted, refused }: { accepted: string[]; refused: string[] },
): VariableCase[] {
  return [
    ...accepted.map((value) => ({ environment, values: { [name]: value }, refused: [] })),
    ...refused.map((value) => ({ environment, values: { [name]: value }, refused: [name] })),
  ];
}

/** Some numbers at once, the others as by default. */
function numbers(values: Record<string, number>, ...refused: string[]): VariableCase {
  const asText = Object.entries(values).map(([name, value]) => [name, String(value)] as const);
  return { environment: 'dev', values: Object.fromEntries(asText), refused };
}

/** What synth and Terraform must judge alike. */
export const VARIABLE_CASES: readonly VariableCase[] = [
  { environment: 'dev', values: {}, refused: [] },
  { environment: 'prod', values: {}, refused: [] },

  numbers({ worker_cpu: 256, worker_memory: 2_048 }),
  numbers({ worker_cpu: 512, worker_memory: 1_024 }),
  numbers({ worker_cpu: 1_024, worker_memory: 8_192 }),
  numbers({ api_cpu: 2_048, api_memory: 16_384 }),
  numbers({ api_cpu: 4_096, api_memory: 30_720 }),
  numbers({ api_cpu: 8_192, api_memory: 20_480 }),
  numbers({ api_cpu: 16_384, api_memory: 122_880 }),
  numbers({ worker_memory: 3_072 }, 'worker_memory'),
  // The default of 512 MiB fits the default of 256 CPU units only.
  numbers({ worker_cpu: 512 }, 'worker_memory'),
  numbers({ worker_cpu: 1_024, worker_memory: 1_024 }, 'worker_memory'),
  numbers({ api_cpu: 4_096, api_memory: 31_744 }, 'api_memory'),
  numbers({ api_cpu: 8_192, api_memory: 17_408 }, 'api_memory'),
  numbers({ api_cpu: 16_384, api_memory: 36_864 }, 'api_memory'),
  numbers({ worker_cpu: 300 }, 'worker_cpu'),
  numbers({ api_cpu: 0 }, 'api_cpu'),

  numbers({ api_autoscaling_min: 1, api_desired_count: 1, api_autoscaling_max: 1 }),
  numbers({ api_autoscaling_min: 3, api_desired_count: 5, api_autoscaling_max: 5 }),
  numbers({ api_autoscaling_min: 3 }, 'api_desired_count'),
  numbers({ api_desired_count: 11 }, 'api_desired_count'),
  numbers({ api_autoscaling_min: 11, api_desired_count: 10 }, 'api_autoscaling_min'),
  numbers({ api_autoscaling_min: 0 }, 'api_autoscaling_min'),
  numbers({ api_desired_count: 0, api_autoscaling_min: 1 }, 'api_desired_count'),

  ...each('dev', 'log_retention_days', { accepted: ['1', '30', '3653'], refused: ['0', '2', '31', '-30'] }),
  ...each('dev', 'api_cpu_threshold_percent', { accepted: ['1', '100'], refused: ['0', '101'] }),
  ...each('dev', 'worker_memory_threshold_percent', { accepted: ['75'], refused: ['800'] }),
  ...each('dev', 'pool_available_threshold', { accepted: ['0', '500'], refused: ['-1'] }),
  ...each('dev', 'allocation_rate_threshold', { accepted: ['1', '5000'], refused: ['0', '-1', ''] }),
  ...each('dev', 'waf_rate_limit', { accepted: ['10', '2000000000'], refused: ['9', '2000000001'] }),
  ...each('dev', 'lab_duration_hours', { accepted: ['1', '48', '720'], refused: ['0', '721', '4h'] }),
  // Narrower than what the process takes.
  ...each('prod', 'cleanup_batch_delay_sec', { accepted: ['0', '60'], refused: ['61', ''] }),
  ...each('prod', 'pool_name_prefix', {
    accepted: ['*', 'lab-', 'x'.repeat(100)],
    refused: ['', ' ', 'two words', 'x'.repeat(101), 'laboratório-'],
  }),
  ...each('dev', 'cpu_architecture', { accepted: ['ARM64', 'X86_64'], refused: ['arm64', ''] }),
  ...each('dev', 'wait_for_steady_state', {
    accepted: ['true', 'false'],
    refused: ['yes', '', 'constructor'],
  }),
  ...each('dev', 'rollback_jobs_runner', { accepted: ['api', 'none'], refused: ['worker', ''] }),
  ...each('dev', 'rollback_reserved_concurrency', {
    accepted: ['-1', '1', '1000'],
    refused: ['0', '-2', '1001', ''],
  }),
  ...each('dev', 'alarm_email', {
    accepted: ['', 'on-call+lab@mail.example.com'],
    refused: [' ', 'on-call', 'on-call@example', 'a@example.com,b@example.com', '@example.com'],
  }),
  ...each('prod', 'alarm_email', {
    accepted: ['on-call@example.com'],
    refused: ['', ' ', 'on-call', 'a@example.com,b@example.com'],
  }),
  ...each('dev', 'worker_cpu', { accepted: [], refused: ['', 'many', '256 MiB'] }),

  ...each('dev', 'container_image', {
    accepted: [
      'sandbox-broker',
      'sandbox-broker:latest',
      'localhost:5000/lab/sandbox-broker:dev',
      `${ECR_IMAGE}@sha256:${DIGEST}`,
      `${ECR_IMAGE}:1.4.2@sha256:${DIGEST}`,
    ],
    refused: [
      '',
      'Sandbox:1',
      'sandbox broker:1',
      'sandbox-broker:',
      'sandbox-broker@sha256:12',
      'https://a.b/c:1',
    ],
  }),
  ...each('prod', 'container_image', {
    accepted: ['sandbox-broker:1', `${ECR_IMAGE}@sha256:${DIGEST}`, 'sandbox-broker:latest-but-fixed'],
    refused: [
      '',
      'sandbox-broker:latest',
      `sandbox-broker:latest@sha256:${DIGEST}`,
      ECR_IMAGE,
      'localhost:5000/sandbox-broker',
    ],
  }),

  ...each('dev', 'csp_base_url', {
    accepted: ['http://127.0.0.1:9000', 'https://portal.example.com/', 'http://portal:65535/api/v1'],
    refused: [
      '',
      'portal.example.com',
      'ftp://portal.example.com',
      'https://user:word@portal.example.com',
      'https://portal.example.com/api?key=1',
      'http://portal:65536',
      'http://portal:0',
    ],
  }),
  ...each('prod', 'csp_base_url', {
    accepted: ['https://portal.example.com', 'https://portal.example.com:443/api'],
    refused: ['', 'http://portal.example.com', 'https://portal.example.com:8443/api', 'http://portal:443'],
  }),

  ...each('dev', 'cors_allowed_origins', {
    accepted: [
      '*',
      ' * ',
      'https://play.instruqt.com',
      'https://play.instruqt.com, http://localhost:3000 ,http://10.0.0.1:8080',
    ],
    refused: [
      '',
      ',',
      'https://play.instruqt.com/',
      'https://play.instruqt.com,',
      'play.instruqt.com',
      'https://Play.instruqt.com',
      'https://play.instruqt.com:443',
      'http://localhost:80',
      'https://10.1',
      'https://*.instruqt.com',
      '*,https://play.instruqt.com',
      'https://play.instruqt.com, *',
      '*,*',
    ],
  }),
  ...each('prod', 'cors_allowed_origins', {
    accepted: ['https://play.instruqt.com', 'https://play.instruqt.com,https://lab.example.com:8443'],
    refused: [
      '',
      '*',
      ' * ',
      '*,https://play.instruqt.com',
      'https://play.instruqt.com,*',
      'https://*.instruqt.com',
    ],
  }),

  ...each('dev', 'certificate_arn', {
    accepted: ['', CERTIFICATE],
    refused: [CERTIFICATE.replace('us-east-1', 'eu-west-1'), 'yes'],
  }),
  ...each('prod', 'certificate_arn', {
    accepted: [CERTIFICATE, CERTIFICATE.replace('arn:aws:', 'arn:aws-us-gov:')],
    refused: [
      '',
      'none',
      CERTIFICATE.replace('us-east-1', 'eu-west-1'),
      CERTIFICATE.replace(':acm:', ':iam:'),
      `${CERTIFICATE} `,
    ],
  }),
];
