/**
 * How long Terraform waits for a service. The provider's own 20 minutes are too short to hear how a bad deployment ends:
 * ECS gives it up after three tasks that failed (developer guide, "deployment circuit breaker"). Each may take its start
 * period of a minute, three checks and two minutes to stop, and then the tasks of the version before have to start. Below
 * the hour that the deploy workflow has.
 */
export const SERVICE_TIMEOUTS = { create: '30m', update: '30m', delete: '30m' } as const;
