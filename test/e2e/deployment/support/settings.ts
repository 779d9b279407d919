import type { Settings } from './deployer';

/** The emulator starts no tasks, so that no service ever gets to the state that a real deploy waits for. */
const IN_EMULATOR = { TF_VAR_wait_for_steady_state: 'false' };

/** What a person gives to deploy `dev`; everything else is left to its default. */
export const DEV_SETTINGS: Settings = {
  ...IN_EMULATOR,
  SANDBOX_BROKER_ENV: 'dev',
  TF_VAR_container_image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/sandbox-broker-dev:1.0.0',
  TF_VAR_csp_base_url: 'https://portal.example.com/api/v1',
};

/** The one account that the emulator has. */
export const EMULATOR_ACCOUNT_ID = '123456789012';

/** The bucket of `prodSettings`: it has to be made. */
export const PROD_STATE_BUCKET = 'state-of-prod';

/** The same for `prod`, which asks for more. */
export function prodSettings(certificateArn: string): Settings {
  return {
    ...IN_EMULATOR,
    SANDBOX_BROKER_ENV: 'prod',
    TF_STATE_BUCKET: PROD_STATE_BUCKET,
    SANDBOX_BROKER_ACCOUNT_ID: EMULATOR_ACCOUNT_ID,
    TF_VAR_container_image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/sandbox-broker-prod:1.0.0',
    TF_VAR_csp_base_url: 'https://portal.example.com/api/v1',
    TF_VAR_cors_allowed_origins: 'https://play.example.com,https://labs.example.com',
    TF_VAR_certificate_arn: certificateArn,
    TF_VAR_alarm_email: 'on-call@example.com',
  };
}
