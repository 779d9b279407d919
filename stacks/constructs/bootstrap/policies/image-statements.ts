import { arnIn, type PolicyScope, type PolicyStatement } from './policy-statement';

/** What the image workflow needs: pushing images to the one repository, and telling which are there. */
export function imageStatements(scope: PolicyScope): PolicyStatement[] {
  return [
    { actions: ['ecr:GetAuthorizationToken'], resources: ['*'] },
    {
      actions: [
        'ecr:BatchCheckLayerAvailability',
        'ecr:BatchGetImage',
        'ecr:CompleteLayerUpload',
        'ecr:DescribeImages',
        'ecr:DescribeRepositories',
        'ecr:GetDownloadUrlForLayer',
        'ecr:InitiateLayerUpload',
        'ecr:PutImage',
        'ecr:UploadLayerPart',
      ],
      resources: [arnIn(scope)('ecr', `repository/${scope.names.prefix}`)],
    },
  ];
}
