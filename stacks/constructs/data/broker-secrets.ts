import { SecretsmanagerSecret } from '@cdktf/provider-aws/lib/secretsmanager-secret';
import { Construct } from 'constructs';

export interface BrokerSecretsProps {
  /** The first part of every name, such as `sandbox-broker/dev`. */
  path: string;
  /** Days in which a deleted secret can be restored; 0 deletes it at once. */
  recoveryDays: number;
  /** When on, Terraform refuses any plan that deletes or replaces one. */
  preventDestroy: boolean;
}

/** What app/config.ts and app/environment.ts take as the API's tokens. */
const TOKEN_LIST =
  'one token of at least 16 of A-Z a-z 0-9 -._~+/ (= at its end), or two separated by a comma while the new one replaces the old';

/**
 * The three secrets, without values: a value that Terraform knew would stand in its state. A person sets each one
 * once, with the command in its description; a task that needs a secret does not start before that.
 */
export class BrokerSecrets extends Construct {
  readonly brokerApiToken: SecretsmanagerSecret;
  readonly brokerAdminToken: SecretsmanagerSecret;
  readonly cspApiToken: SecretsmanagerSecret;

  constructor(scope: Construct, id: string, props: BrokerSecretsProps) {
    super(scope, id);
    const secret = (name: string, purpose: string): SecretsmanagerSecret =>
      new SecretsmanagerSecret(this, name, {
        name: `${props.path}/${name}`,
        description: `${purpose} ${howToSet(`${props.path}/${name}`)}`,
        recoveryWindowInDays: props.recoveryDays,
        lifecycle: { preventDestroy: props.preventDestroy },
      });

    this.brokerApiToken = secret(
      'broker-api-token',
      `BROKER_API_TOKEN, read by the API: what tracks call it with. Format: ${TOKEN_LIST}.`,
    );
    this.brokerAdminToken = secret(
      'broker-admin-token',
      `BROKER_ADMIN_TOKEN, read by the API: what admins call it with. Format: ${TOKEN_LIST}; none may be a track's token.`,
    );
    this.cspApiToken = secret(
      'csp-api-token',
      "CSP_API_TOKEN, read by the worker and the API: what they call the portal with. Format: the portal's token, without spaces.",
    );
  }
}

/** From a file rather than as an argument, which the shell's history would keep. */
function howToSet(name: string): string {
  return (
    `Set: aws secretsmanager put-secret-value --secret-id ${name} --secret-string file://FILE ` +
    '(no line break in the file). Tasks read it when they start: force a new deployment afterwards.'
  );
}
