/* eslint-disable jest/no-export -- a suite for deployment.test.ts to run */
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { paginateDescribeNatGateways } from '@aws-sdk/client-ec2';
import {
  DescribeListenersCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeRulesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { only, taskDefinitionOf, type DeployedBroker } from '../support/deployed-broker';
import { loadBalancerOf } from './exposure';

/** In what production differs. */
export function describeProduction(deployed: () => DeployedBroker): void {
  it('serves HTTPS with the certificate, and refuses plain HTTP but for the console', async () => {
    const { LoadBalancerArn } = await loadBalancerOf(deployed());
    const { Listeners } = await deployed().clients.loadBalancing.send(
      new DescribeListenersCommand({ LoadBalancerArn }),
    );
    const on = (port: number) => only(Listeners?.filter((listener) => listener.Port === port));

    expect(on(443)).toMatchObject({
      Protocol: 'HTTPS',
      Certificates: [{ CertificateArn: expect.stringContaining(':certificate/') as string }],
      DefaultActions: [{ Type: 'forward' }],
    });
    expect(on(443).SslPolicy).toBe('ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09');
    expect(on(80).DefaultActions).toEqual([
      expect.objectContaining({
        Type: 'fixed-response',
        FixedResponseConfig: expect.objectContaining({
          StatusCode: '403',
          ContentType: 'application/json',
        }) as object,
      }),
    ]);
    const { Rules } = await deployed().clients.loadBalancing.send(
      new DescribeRulesCommand({ ListenerArn: on(80).ListenerArn }),
    );
    const rule = only(Rules?.filter(({ IsDefault }) => IsDefault !== true));
    const paths = rule.Conditions?.flatMap((one) => one.PathPatternConfig?.Values ?? one.Values ?? []);
    expect(new Set(paths)).toEqual(new Set(['/console', '/console/*']));
    expect(rule.Actions).toEqual([
      expect.objectContaining({
        Type: 'redirect',
        RedirectConfig: expect.objectContaining({
          Protocol: 'HTTPS',
          Port: '443',
          StatusCode: 'HTTP_301',
        }) as object,
      }),
    ]);
    expect(Listeners).toHaveLength(2);
  });

  it('lets nobody delete the table or the load balancer by accident', async () => {
    const { dynamoDb, loadBalancing } = deployed().clients;
    const { LoadBalancerArn } = await loadBalancerOf(deployed());
    const { Attributes } = await loadBalancing.send(
      new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn }),
    );
    const { Table } = await dynamoDb.send(
      new DescribeTableCommand({ TableName: deployed().environment.tableNames.table }),
    );

    expect(Table?.DeletionProtectionEnabled).toBe(true);
    expect(Attributes).toContainEqual({ Key: 'deletion_protection.enabled', Value: 'true' });
  });

  it('has a way out of its own in each zone', async () => {
    const { VpcId } = await loadBalancerOf(deployed());
    const subnets: (string | undefined)[] = [];
    for await (const page of paginateDescribeNatGateways({ client: deployed().clients.ec2 }, {})) {
      subnets.push(
        ...(page.NatGateways ?? []).filter((one) => one.VpcId === VpcId).map((one) => one.SubnetId),
      );
    }

    expect(new Set(subnets).size).toBe(2);
  });

  it('lets the worker treat the portal gently, and its tasks name the origins that were chosen', async () => {
    const variableOf = async (
      which: 'apiService' | 'workerService',
      name: string,
    ): Promise<string | undefined> => {
      const { environment } = only((await taskDefinitionOf(deployed(), which)).containerDefinitions);
      return environment?.find((variable) => variable.name === name)?.value;
    };

    expect(await variableOf('workerService', 'CLEANUP_BATCH_DELAY_SEC')).toBe('30');
    expect(await variableOf('apiService', 'CORS_ALLOWED_ORIGINS')).toBe(
      'https://play.example.com,https://labs.example.com',
    );
  });
}
