import type { Logger } from 'pino';
import { createLogger } from '../../app/logger';
import { parseAlarmEvent } from './alarm-event';
import type { AlarmResponder } from './alarm-responder';
import { composeAlarmResponder } from './compose';
import { parseRollbackConfig } from './config';

/** What is kept between invocations. */
interface RollbackFunction {
  responder: Pick<AlarmResponder, 'respond'>;
  alarmNamePrefix: string;
  logger: Logger;
}

let composed: RollbackFunction | undefined;

/**
 * The entry of the rollback function. An error that it throws makes Lambda deliver the event again, twice, and then put
 * it among the dead letters, which raises an alarm.
 */
export async function handler(event: unknown): Promise<void> {
  composed ??= compose(process.env);
  await handleEvent(event, composed);
}

/** Reads one event, does what it asks for, and logs what became of it. */
export async function handleEvent(
  event: unknown,
  { responder, alarmNamePrefix, logger }: RollbackFunction,
): Promise<void> {
  try {
    const parsed = parseAlarmEvent(event, alarmNamePrefix);
    if (parsed.kind === 'ignored') {
      const { alarmName, reason } = parsed;
      logger.info({ action: 'rollback', outcome: 'ignored', alarmName, reason }, 'ignored');
      return;
    }
    const { alarmName, action: asked, atMs } = parsed.event;
    const response = await responder.respond(parsed.event);
    const { kind: outcome, ...facts } = response;
    const level = outcome === 'acted' ? 'warn' : 'info';
    const alarmAt = new Date(atMs).toISOString();
    logger[level]({ action: 'rollback', outcome, asked, alarmName, alarmAt, ...facts }, outcome);
  } catch (error) {
    logger.error(
      { action: 'rollback', outcome: 'failed', err: error },
      'failed; the event is to be delivered again',
    );
    throw error;
  }
}

function compose(env: NodeJS.ProcessEnv): RollbackFunction {
  const config = parseRollbackConfig(env);
  const logger = createLogger({ service: 'rollback', level: config.logLevel });
  return {
    responder: composeAlarmResponder(config, logger),
    alarmNamePrefix: config.alarmNamePrefix,
    logger,
  };
}
