/**
 * Gives the rollback function the alarms that are in ALARM now, once, after a deploy. EventBridge sends changes of state
 * only: of an alarm that was in ALARM before the function's rule existed, nothing would ever come.
 *
 *     node scripts/deliver-standing-alarms.mjs
 *
 * What the function has acted on already, what asks for no action, and what is older than the last thing that a person
 * did about it, the function ignores: it is safe to repeat. Reads ENVIRONMENT (dev or prod), asks AWS through its command
 * line (`cloudwatch:DescribeAlarms`, `lambda:InvokeFunction`), and exits with 1 and a sentence when an alarm could not
 * be delivered.
 */
import { execFileSync } from 'node:child_process';

const { ENVIRONMENT = '' } = process.env;
const prefix = `sandbox-broker-${ENVIRONMENT}`;

function refuse(sentence) {
  console.error(sentence);
  process.exit(1);
}

function aws(args, whenItFails) {
  try {
    return execFileSync('aws', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  } catch {
    return refuse(whenItFails);
  }
}

/** As EventBridge tells of it ("Alarm events and EventBridge" in the CloudWatch user guide). */
function eventOf({ AlarmName, AlarmArn, StateReason, StateTransitionedTimestamp, StateUpdatedTimestamp }) {
  const timestamp = new Date(StateTransitionedTimestamp ?? StateUpdatedTimestamp).toISOString();
  return {
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm State Change',
    time: timestamp,
    resources: [AlarmArn],
    detail: { alarmName: AlarmName, state: { value: 'ALARM', reason: StateReason, timestamp } },
  };
}

function deliver(alarm) {
  const invocation = [
    ['lambda', 'invoke', '--function-name', `${prefix}-rollback`, '--invocation-type', 'Event'],
    ['--cli-binary-format', 'raw-in-base64-out', '--payload', JSON.stringify(eventOf(alarm)), '/dev/null'],
  ];
  aws(
    invocation.flat(),
    `${alarm.AlarmName} is in ALARM and could not be given to the function ${prefix}-rollback: act by hand (docs/cli.md).`,
  );
  console.log(`${alarm.AlarmName} is in ALARM: given to the rollback function.`);
}

if (ENVIRONMENT === '') refuse('ENVIRONMENT is empty: no environment was chosen.');
const selection = [
  '--alarm-name-prefix',
  `${prefix}-`,
  '--state-value',
  'ALARM',
  '--alarm-types',
  'MetricAlarm',
];
const answer = aws(
  ['cloudwatch', 'describe-alarms', ...selection, '--output', 'json'],
  `The alarms of ${ENVIRONMENT} cannot be read, so whether one asks for a rollback is not known: look with npm run broker -- status.`,
);
for (const alarm of JSON.parse(answer).MetricAlarms ?? []) deliver(alarm);
