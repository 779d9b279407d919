#!/usr/bin/env bash
# @aws-sdk/client-sts 3.1164.0: the default chain of credentials providers hides why the chosen profile has none.
#
# Expected: with AWS_PROFILE naming a profile that does not exist, or one whose credential_process fails, the error (or
#           its cause) names the profile, or the command that failed. Every user has chosen that profile on purpose.
# Seen:     both times "Could not load credentials from any providers", without a cause, as if nothing were configured.
#           Only the client's logger, at level debug, is told the reason.
# Exits 1 if that has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund @aws-sdk/client-sts@3.1164.0
printf '[profile fails]\ncredential_process = /bin/false\n' >config
cat >probe.cjs <<'JS'
const { STSClient } = require('@aws-sdk/client-sts');

async function outcome(profile) {
  process.env.AWS_PROFILE = profile;
  const logged = [];
  const debug = (line) => logged.push(String(line));
  const logger = { trace: debug, debug, info: debug, warn: debug, error: debug };
  const error = await new STSClient({ region: 'us-east-1', logger }).config.credentials().catch((thrown) => thrown);
  return { message: error.message, cause: error.cause, log: logged.join('\n') };
}

async function probe() {
  const missing = await outcome('nosuch');
  const failing = await outcome('fails');
  const { version } = require('@aws-sdk/client-sts/package.json');
  console.log(`@aws-sdk/client-sts ${version}: missing profile: ${missing.message}; failing process: ${failing.message}`);
  const isHidden = [missing, failing].every(
    ({ message, cause }) => message === 'Could not load credentials from any providers' && cause === undefined,
  );
  const isLogged = missing.log.includes('[nosuch]') && failing.log.includes('Command failed: /bin/false');
  process.exit(isHidden && isLogged ? 0 : 1);
}

void probe();
JS
env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY -u AWS_SESSION_TOKEN NODE_NO_WARNINGS=1 AWS_EC2_METADATA_DISABLED=true \
  AWS_CONFIG_FILE="$folder/config" AWS_SHARED_CREDENTIALS_FILE="$folder/none" node probe.cjs
