import { BudgetsBudget } from '@cdktf/provider-aws/lib/budgets-budget';
import { Construct } from 'constructs';

export interface MonthlyBudgetProps {
  name: string;
  /** US dollars a month, of the whole account. A Terraform reference to a number. */
  limitUsd: string;
  /** Who is told. */
  email: string;
}

/** Percent of the limit, and whether of what was spent or of what AWS expects for the whole month. */
const NOTIFICATIONS = [
  { threshold: 80, notificationType: 'ACTUAL' },
  { threshold: 100, notificationType: 'ACTUAL' },
  { threshold: 100, notificationType: 'FORECASTED' },
] as const;

/**
 * Tells somebody when the account costs more than it should: at 80 % and at all of the limit, and as soon as AWS expects
 * that the month will exceed it. It stops nothing. The whole account, and not what bears our tags: those count only
 * after somebody has activated them in the billing console.
 */
export class MonthlyBudget extends Construct {
  constructor(scope: Construct, id: string, props: MonthlyBudgetProps) {
    super(scope, id);
    new BudgetsBudget(this, 'Default', {
      name: props.name,
      budgetType: 'COST',
      limitAmount: props.limitUsd,
      limitUnit: 'USD',
      timeUnit: 'MONTHLY',
      notification: NOTIFICATIONS.map(({ threshold, notificationType }) => ({
        comparisonOperator: 'GREATER_THAN',
        threshold,
        thresholdType: 'PERCENTAGE',
        notificationType,
        subscriberEmailAddresses: [props.email],
      })),
    });
  }
}
