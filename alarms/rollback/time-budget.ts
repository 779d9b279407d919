/*
 * How long the calls of one invocation may take. They run in four rounds, one after the other: the first look; the three
 * acts side by side; the confirmation; then record, message and record. A call that is given up ends at once.
 */

/** The function's timeout. The stack sets it. */
export const FUNCTION_TIMEOUT_MS = 60_000;

/** The first look at table and service. Nothing that it tells may keep the worker running for longer. */
export const FIRST_LOOK_MS = 2_000;

/**
 * One call to ECS, with its retries. The SDK waits up to 0.5, 1, 2 and 4 s between the five attempts at a call that is
 * throttled, so that two refusals are got over at once.
 */
export const ECS_CALL_MS = 12_000;
export const ECS_MAX_ATTEMPTS = 5;

/** Reading or writing the parameter, each. */
export const SSM_CALL_MS = 6_000;

/** The message. */
export const SNS_CALL_MS = 6_000;

/** A write of the record. */
export const RECORD_CALL_MS = 4_000;

/** The first attempt and three retries, for what is less important than stopping the worker. */
export const MAX_ATTEMPTS = 4;

/** For one attempt at any call. */
export const CONNECTION_TIMEOUT_MS = 1_000;
export const REQUEST_TIMEOUT_MS = 3_000;
/** From the headers of a response to its last byte. */
export const BODY_TIMEOUT_MS = 2_000;

/** Any call, with its retries, that has no bound of its own. */
export const CALL_TIMEOUT_MS = 15_000;
