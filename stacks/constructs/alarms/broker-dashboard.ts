import { CloudwatchDashboard } from '@cdktf/provider-aws/lib/cloudwatch-dashboard';
import { Fn } from 'cdktf';
import { Construct } from 'constructs';
import { dashboardBody, type DashboardBodyProps } from './dashboard-body';

export interface BrokerDashboardProps extends DashboardBodyProps {
  name: string;
}

/** The one page that an on-call responder opens first: what alarms, what students notice, and what lies behind it. */
export class BrokerDashboard extends Construct {
  constructor(scope: Construct, id: string, { name, ...body }: BrokerDashboardProps) {
    super(scope, id);
    new CloudwatchDashboard(this, 'Default', {
      dashboardName: name,
      // Terraform encodes it: thresholds are variables, which are numbers only then.
      dashboardBody: Fn.jsonencode(dashboardBody(body)),
    });
  }
}
