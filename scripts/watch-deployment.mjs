/**
 * Watches what a deploy has started: `cdktf deploy` ends before ECS has decided whether the new version stays.
 *
 *     node scripts/watch-deployment.mjs before                  before a deploy: warns of what ECS will not see
 *     node scripts/watch-deployment.mjs after <outputs file>    after it: waits for ECS's verdict, and for quiet alarms
 *
 * `before` prints `DEPLOY_BEGAN_AT=<time>` for GitHub's $GITHUB_ENV, and on standard error a warning for every deployment
 * alarm that is in ALARM: ECS leaves such an alarm out for the whole deployment.
 *
 * `after` reads the file of `cdktf deploy --outputs-file`. It exits with 0 once both services run the revisions that were
 * deployed, their `rolloutState` is COMPLETED, and no alarm that went off since DEPLOY_BEGAN_AT has been in ALARM for five
 * minutes. It exits with 1 and a sentence when ECS has gone back, has given a roll-out up, or when the time is over.
 *
 * Reads ENVIRONMENT (dev or prod), DEPLOY_BEGAN_AT, and for other times WATCH_POLL_SECONDS, WATCH_QUIET_SECONDS and
 * WATCH_LIMIT_SECONDS. Asks AWS through its command line.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const [mode = '', outputsPath = ''] = process.argv.slice(2);
const { ENVIRONMENT = '', DEPLOY_BEGAN_AT = '' } = process.env;
const prefix = `sandbox-broker-${ENVIRONMENT}`;
const pollMs = secondsFrom('WATCH_POLL_SECONDS', 15) * 1_000;
const quietMs = secondsFrom('WATCH_QUIET_SECONDS', 300) * 1_000;
const limitMs = secondsFrom('WATCH_LIMIT_SECONDS', 1_500) * 1_000;

class Refusal extends Error {}

function secondsFrom(name, standard) {
  const seconds = Number(process.env[name] ?? standard);
  if (!(seconds >= 0)) refuse(`${name} must be a number of seconds, such as ${standard}.`);
  return seconds;
}

function refuse(sentence) {
  console.error(sentence);
  process.exit(1);
}

function aws(...args) {
  const stdio = ['ignore', 'pipe', 'inherit'];
  return JSON.parse(execFileSync('aws', [...args, '--output', 'json'], { encoding: 'utf8', stdio }));
}

function describedServices() {
  const names = [`${prefix}-api`, `${prefix}-worker`];
  const { services = [] } = aws('ecs', 'describe-services', '--cluster', prefix, '--services', ...names);
  // ECS goes on telling of a service that was deleted, as INACTIVE.
  return services.filter(({ status }) => status === 'ACTIVE');
}

function alarmsInAlarm(...selection) {
  const { MetricAlarms = [] } = aws('cloudwatch', 'describe-alarms', '--state-value', 'ALARM', ...selection);
  return MetricAlarms;
}

function before() {
  console.log(`DEPLOY_BEGAN_AT=${new Date().toISOString()}`);
  const alarmNames = servicesOrRefusal().flatMap(
    ({ deploymentConfiguration }) => deploymentConfiguration?.alarms?.alarmNames ?? [],
  );
  // Of no names AWS describes all alarms.
  if (alarmNames.length === 0) return;
  for (const { AlarmName } of alarmsInAlarm('--alarm-names', ...alarmNames)) {
    const mark = process.env.GITHUB_ACTIONS === 'true' ? '::warning::' : 'warning: ';
    console.error(
      `${mark}${AlarmName} is in ALARM already. ECS ignores it in a deployment that begins now: it will not go back ` +
        'because of it. Watch its metric yourself, or mend it first.',
    );
  }
}

function servicesOrRefusal() {
  try {
    return describedServices();
  } catch {
    return refuse(
      `The services of ${ENVIRONMENT} cannot be read. Its first deployment is made by hand (docs/deploy.md).`,
    );
  }
}

/** What was deployed: the revision of each service by the service's name. */
function deployedRevisions() {
  const outputs = JSON.parse(readFileSync(outputsPath, 'utf8'))[`${prefix}-service`] ?? {};
  const { api_task_definition: api, worker_task_definition: worker } = outputs;
  if (typeof api !== 'string' || typeof worker !== 'string') {
    refuse(
      `${outputsPath} lacks api_task_definition or worker_task_definition of ${prefix}-service: give the file of this deploy.`,
    );
  }
  return { [`${prefix}-api`]: api, [`${prefix}-worker`]: worker };
}

/** @returns {string[]} what is not finished yet. @throws Refusal when ECS has decided against the new version. */
function pendingRollouts(revisions) {
  const services = describedServices();
  return Object.entries(revisions).flatMap(([name, revision]) => {
    const service = services.find(({ serviceName }) => serviceName === name);
    if (service === undefined) throw new Refusal(`There is no active service ${name}.`);
    const own = service.deployments.find(({ taskDefinition }) => taskDefinition === revision);
    if (own?.rolloutState === 'FAILED') {
      throw new Refusal(
        `ECS has given up ${shortName(revision)}: ${own.rolloutStateReason ?? 'no reason given'}`,
      );
    }
    if (service.taskDefinition !== revision) {
      throw new Refusal(
        `${name} is to run ${shortName(service.taskDefinition)} again, not ${shortName(revision)}, which was deployed: ` +
          'ECS went back because its tasks failed or an alarm went off, or somebody did. See the events of the service.',
      );
    }
    const isDone = own?.rolloutState === 'COMPLETED' && service.deployments.length === 1;
    return isDone ? [] : [`${name}: roll-out ${own?.rolloutState ?? 'not begun'}`];
  });
}

function shortName(arn) {
  return String(arn).split('/').pop();
}

function wentOffSince(beganAtMs) {
  return alarmsInAlarm('--alarm-name-prefix', `${prefix}-`)
    .filter(({ StateTransitionedTimestamp, StateUpdatedTimestamp }) => {
      const sinceMs = Date.parse(StateTransitionedTimestamp ?? StateUpdatedTimestamp);
      // Without a time it may have been this deploy.
      return !(sinceMs < beganAtMs);
    })
    .map(({ AlarmName }) => AlarmName);
}

async function after() {
  const beganAtMs = Date.parse(DEPLOY_BEGAN_AT);
  if (Number.isNaN(beganAtMs)) {
    refuse(
      'DEPLOY_BEGAN_AT is no time: run this script with "before" ahead of the deploy, and keep what it prints.',
    );
  }
  const revisions = deployedRevisions();
  const startedAtMs = Date.now();
  let quietSinceMs;
  let lastLine = '';
  for (;;) {
    let pending;
    try {
      pending = [
        ...pendingRollouts(revisions),
        ...wentOffSince(beganAtMs).map((name) => `${name}: in ALARM`),
      ];
    } catch (error) {
      if (error instanceof Refusal) return refuse(error.message);
      pending = [`no answer from AWS: ${error.message.split('\n')[0]}`];
    }
    const nowMs = Date.now();
    quietSinceMs = pending.length > 0 ? undefined : (quietSinceMs ?? nowMs);
    if (quietSinceMs !== undefined && nowMs - quietSinceMs >= quietMs) {
      console.log('Both services run what was deployed, and the alarms are quiet.');
      return undefined;
    }
    if (nowMs - startedAtMs >= limitMs && pending.length > 0) {
      return refuse(`The time is over, and this is not settled: ${pending.join('; ')}.`);
    }
    const line = pending.length > 0 ? pending.join('; ') : 'rolled out; watching the alarms';
    if (line !== lastLine) console.log(`${new Date(nowMs).toISOString()}  ${line}`);
    lastLine = line;
    await sleep(pollMs);
  }
}

if (ENVIRONMENT === '') refuse('ENVIRONMENT is empty: no environment was chosen.');
if (mode === 'before') before();
else if (mode === 'after') await after();
else refuse(`"${mode}" is neither before nor after.`);
