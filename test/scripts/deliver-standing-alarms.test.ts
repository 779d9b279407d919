import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cloudWatchAlarmName } from '../../alarms/definitions';
import { parseAlarmEvent } from '../../alarms/rollback/alarm-event';
import { ENVIRONMENTS } from '../../stacks/environments';
import { deployedNames } from '../../stacks/names';
import { ScriptFolder } from './run-script';

const { prefix, rollbackFunction } = deployedNames(ENVIRONMENTS.dev);
const AT = '2026-11-28T12:05:00.123000+00:00';

let folder: ScriptFolder;

beforeEach(() => {
  folder = new ScriptFolder();
});

afterEach(() => {
  folder.remove();
});

function run(alarms: object[], invokeStatus = 0): ReturnType<ScriptFolder['run']> {
  folder.addProgram(
    'aws',
    `case "$*" in
      "cloudwatch describe-alarms --alarm-name-prefix ${prefix}- --state-value ALARM "*)
        echo '${JSON.stringify({ MetricAlarms: alarms })}' ;;
      "lambda invoke --function-name ${rollbackFunction} --invocation-type Event "*)
        while [ "$1" != --payload ]; do shift; done; echo "$2" >> payloads; exit ${invokeStatus} ;;
      *) exit 9 ;;
    esac`,
  );
  return folder.run('deliver-standing-alarms.mjs', [], { ENVIRONMENT: 'dev' });
}

const alarm = (name: string): object => ({
  AlarmName: name,
  AlarmArn: `arn:aws:cloudwatch:us-east-1:123456789012:alarm:${name}`,
  StateReason: 'Threshold Crossed',
  StateTransitionedTimestamp: AT,
});

it('gives the function each alarm that is on, as an event that it acts on', () => {
  const asksForRollback = cloudWatchAlarmName(prefix, 'worker_cpu_high');
  const asksForNothing = cloudWatchAlarmName(prefix, 'pool_nearly_empty');

  expect(run([alarm(asksForRollback), alarm(asksForNothing)])).toMatchObject({ status: 0, stderr: '' });

  const events = readFileSync(join(folder.path, 'payloads'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => parseAlarmEvent(JSON.parse(line), prefix));
  expect(events).toEqual([
    {
      kind: 'alarm',
      event: expect.objectContaining({
        action: 'rollback_worker',
        alarmName: asksForRollback,
        reason: 'Threshold Crossed',
        atMs: Date.parse(AT),
      }) as unknown,
    },
    { kind: 'ignored', alarmName: asksForNothing, reason: 'this alarm asks for no action' },
  ]);
});

it('asks the function for nothing when no alarm is on', () => {
  expect(run([])).toMatchObject({ status: 0, stdout: '', stderr: '' });
  expect(existsSync(join(folder.path, 'payloads'))).toBe(false);
});

it('fails, and names the alarm, when it cannot be delivered', () => {
  const name = cloudWatchAlarmName(prefix, 'worker_cpu_high');

  const { status, stderr } = run([alarm(name)], 254);

  expect(stderr).toContain(`${name} is in ALARM and could not be given to the function ${rollbackFunction}`);
  expect(status).toBe(1);
});

it('fails when the alarms cannot be read', () => {
  folder.addProgram('aws', 'exit 254');

  const { status, stderr } = folder.run('deliver-standing-alarms.mjs', [], { ENVIRONMENT: 'dev' });

  expect(stderr).toContain('The alarms of dev cannot be read');
  expect(status).toBe(1);
});
