import {
  ECS_CALL_MS,
  FIRST_LOOK_MS,
  FUNCTION_TIMEOUT_MS,
  RECORD_CALL_MS,
  SNS_CALL_MS,
  SSM_CALL_MS,
} from '../../../alarms/rollback/time-budget';

it('leaves the function a quarter of its time when every call takes as long as it may', () => {
  const acts = Math.max(ECS_CALL_MS, 2 * SSM_CALL_MS);
  const atWorst = FIRST_LOOK_MS + acts + ECS_CALL_MS + RECORD_CALL_MS + SNS_CALL_MS + RECORD_CALL_MS;

  expect(atWorst).toBeLessThanOrEqual(0.75 * FUNCTION_TIMEOUT_MS);
});
