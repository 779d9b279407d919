/**
 * Prints the environment variables of a deployment by a pipeline as `NAME=value` lines, for GitHub's $GITHUB_ENV.
 * Reads ENVIRONMENT (dev or prod), STATE_BUCKET, ACCOUNT_ID (which only prod needs), and SETTINGS: a JSON object of
 * Terraform variables, each of which becomes a TF_VAR_. Exits with 1 and a sentence when something is missing: an empty value is a pipeline that lost it.
 */
const { ENVIRONMENT = '', STATE_BUCKET = '', ACCOUNT_ID = '', SETTINGS = '' } = process.env;

function refuse(sentence) {
  console.error(sentence);
  process.exit(1);
}

function parsedSettings() {
  try {
    const settings = JSON.parse(SETTINGS);
    if (typeof settings === 'object' && settings !== null && !Array.isArray(settings)) return settings;
  } catch {
    // Answered below; the parser's own message would quote the text.
  }
  return refuse(
    `The variable ${ENVIRONMENT.toUpperCase()}_SETTINGS is not a JSON object (docs/pipelines.md).`,
  );
}

if (ENVIRONMENT === '') refuse('ENVIRONMENT is empty: no environment was chosen.');
if (STATE_BUCKET === '') {
  refuse(
    `The variable ${ENVIRONMENT.toUpperCase()}_TF_STATE_BUCKET is empty: a pipeline's own disk keeps no state.`,
  );
}

if (ACCOUNT_ID === '' && ENVIRONMENT === 'prod') {
  refuse('The variable PROD_ACCOUNT_ID is empty: production is deployed into its own account only.');
}

const lines = [`SANDBOX_BROKER_ENV=${ENVIRONMENT}`, `TF_STATE_BUCKET=${STATE_BUCKET}`];
if (ACCOUNT_ID !== '') lines.push(`SANDBOX_BROKER_ACCOUNT_ID=${ACCOUNT_ID}`);
for (const [name, value] of Object.entries(parsedSettings())) {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) refuse(`${JSON.stringify(name)} is no name of a Terraform variable.`);
  if (name === 'container_image') refuse('The image is chosen at each deploy, not in the settings.');
  if (!['string', 'number', 'boolean'].includes(typeof value)) {
    refuse(`The setting ${name} must be a text, a number, or true or false.`);
  }
  lines.push(`TF_VAR_${name}=${value}`);
}

// A line break would begin a variable of its own.
const broken = lines.find((line) => /[\r\n]/.test(line));
if (broken !== undefined) refuse(`${broken.split('=')[0]} must be one line.`);
console.log(lines.join('\n'));
