/**
 * The project's own `cdktf`, without telemetry: cdktf.json cannot turn it off, and a deployment is nobody else's
 * business. Loaded rather than started as a child, so that Ctrl-C reaches the Terraform run that it must stop.
 */
import { createRequire } from 'node:module';

process.env.CHECKPOINT_DISABLE ??= '1';
createRequire(import.meta.url)('cdktf-cli/bundle/bin/cdktf.js');
