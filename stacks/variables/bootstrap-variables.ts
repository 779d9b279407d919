import type { Environment } from '../environments';
import { matches, wholeNumberBetween } from './rule';
import type { VariableDefinition } from './variable-definition';

/** How the code names the variables of the bootstrap stack; Terraform has the same names in snake_case. */
export type BootstrapVariableName =
  'githubRepository' | 'githubOidcProviderArn' | 'alarmEmail' | 'monthlyBudgetUsd';

/** A month of the environment with a busy class or two (docs/deploy.md, "What it costs"). */
const BUDGET_USD = { development: 175, production: 250 } as const;

/** The variables of the bootstrap stack in one environment. */
export function bootstrapVariableDefinitions({
  isProduction,
}: Environment): Record<BootstrapVariableName, VariableDefinition> {
  return {
    githubRepository: {
      name: 'github_repository',
      type: 'string',
      description: 'The GitHub repository whose workflows take on the roles, as owner/name.',
      isNeededAtSynth: true,
      rules: [
        matches(
          /^[A-Za-z0-9][A-Za-z0-9-]*\/[A-Za-z0-9._-]+$/,
          'must be owner/name of the GitHub repository whose workflows deploy, such as example/sandbox-broker',
        ),
      ],
    },
    githubOidcProviderArn: {
      name: 'github_oidc_provider_arn',
      type: 'string',
      description: "ARN of GitHub's identity provider, where the account has one already. Empty: it is made.",
      default: '',
      isNeededAtSynth: true,
      rules: [
        matches(
          /^(?:arn:aws:iam::[0-9]{12}:oidc-provider\/token\.actions\.githubusercontent\.com)?$/,
          'must be the ARN of the provider token.actions.githubusercontent.com in IAM, or empty to make it',
        ),
      ],
    },
    alarmEmail: {
      name: 'alarm_email',
      type: 'string',
      description: 'Address that is told when the account costs more than the budget.',
      isNeededAtSynth: true,
      rules: [
        matches(
          /^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/,
          'must be an e-mail address: somebody has to hear of the budget',
        ),
      ],
    },
    monthlyBudgetUsd: {
      name: 'monthly_budget_usd',
      type: 'number',
      description: 'US dollars a month, for the whole account, above which somebody is told.',
      default: isProduction ? BUDGET_USD.production : BUDGET_USD.development,
      isNeededAtSynth: true,
      rules: [wholeNumberBetween(1, 1_000_000)],
    },
  };
}
