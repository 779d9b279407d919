#!/usr/bin/env bash
# cockatiel 3.2.1: how long a circuit has been open is measured by the time of day, not by a monotonic clock.
#
# Expected: with `halfOpenAfter: 100` a circuit that opened tests its service again after 100 ms, whatever happens to the
#           machine's clock meanwhile.
# Seen:     after the clock was set back by an hour (NTP, a virtual machine that was resumed, an operator), calls are
#           still rejected with BrokenCircuitError long after 100 ms, and would be for that hour.
# Exits 1 if that has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund cockatiel@3.2.1
cat >probe.cjs <<'JS'
const { BrokenCircuitError, ConsecutiveBreaker, circuitBreaker, handleAll } = require('cockatiel');
const { setTimeout: delay } = require('node:timers/promises');

const HALF_OPEN_AFTER_MS = 100;
const HOUR_MS = 3_600_000;

async function outcomeAfter(clockChangeMs) {
  const policy = circuitBreaker(handleAll, { breaker: new ConsecutiveBreaker(1), halfOpenAfter: HALF_OPEN_AFTER_MS });
  await policy.execute(() => Promise.reject(new Error('down'))).catch(() => undefined);
  const { now } = Date;
  Date.now = () => now() + clockChangeMs;
  try {
    await delay(5 * HALF_OPEN_AFTER_MS);
    return await policy.execute(() => Promise.resolve('called'));
  } catch (error) {
    return error instanceof BrokenCircuitError ? 'BrokenCircuitError' : String(error);
  } finally {
    Date.now = now;
  }
}

async function probe() {
  const steady = await outcomeAfter(0);
  const setBack = await outcomeAfter(-HOUR_MS);
  const { version } = require('cockatiel/package.json');
  console.log(`cockatiel ${version}, 500 ms after opening for 100 ms: clock steady: ${steady}; set back: ${setBack}`);
  process.exit(steady === 'called' && setBack === 'BrokenCircuitError' ? 0 : 1);
}

void probe();
JS
NODE_NO_WARNINGS=1 node probe.cjs
