/**
 * `cdktf` for the stack that an account needs once, before its first deployment (docs/deploy.md): with it, the stacks of
 * the broker are not synthesized, and without it, this one is not.
 */
process.env.SANDBOX_BROKER_STACKS = 'bootstrap';
await import('./cdktf.mjs');
