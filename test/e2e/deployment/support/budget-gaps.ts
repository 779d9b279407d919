import type { EmulatorGap } from './emulator-gap';

type Json = Record<string, unknown>;

const BUDGETS = 'AWSBudgetServiceGateway';

/** What moto 5.2.1 lacks of AWS Budgets. It answers 500 to both, which the provider would repeat for minutes. */
export function budgetGaps(): EmulatorGap[] {
  const subscribers = new Map<string, unknown>();
  let tags: unknown = [];
  return [
    {
      target: `${BUDGETS}.CreateBudget`,
      reason: 'moto forgets the tags of a budget; they are kept here.',
      afterEmulator: (request, answer) => {
        tags = request.ResourceTags ?? [];
        for (const one of (request.NotificationsWithSubscribers ?? []) as Json[]) {
          subscribers.set(keyOf(request.Budget as Json, one.Notification), one.Subscribers);
        }
        return answer;
      },
    },
    {
      target: `${BUDGETS}.CreateNotification`,
      reason: 'moto cannot tell who is told; it is kept here.',
      afterEmulator: (request, answer) => {
        subscribers.set(keyOf(request, request.Notification), request.Subscribers);
        return answer;
      },
    },
    {
      target: `${BUDGETS}.DescribeSubscribersForNotification`,
      reason: 'As CreateNotification.',
      insteadOfEmulator: (request) => ({
        Subscribers: subscribers.get(keyOf(request, request.Notification)) ?? [],
      }),
    },
    {
      target: `${BUDGETS}.ListTagsForResource`,
      reason: 'As CreateBudget.',
      insteadOfEmulator: () => ({ ResourceTags: tags }),
    },
  ];
}

/** A notification has no id: it is known by what it says. */
function keyOf({ BudgetName }: Json, notification: unknown): string {
  const { NotificationType, ComparisonOperator, Threshold, ThresholdType } = notification as Json;
  return JSON.stringify([BudgetName, NotificationType, ComparisonOperator, Threshold, ThresholdType]);
}
