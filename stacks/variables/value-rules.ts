import type { Environment } from '../environments';
import { everyPartMatches, lacks, matches, oneOf, type Rule } from './rule';

/*
 * The rules of single texts and numbers. Where the app parses the value as well, they are stricter than the app: what
 * passes here never ends a task at its start.
 */

/** 1 to 65535, without leading zeros. */
const PORT = /(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])/
  .source;
/** A host as browsers write it, its last part a word: one of digits would make it an address in disguise. */
const HOST_NAME = /(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z](?:[a-z0-9-]*[a-z0-9])?/.source;
const BYTE = /(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])/.source;
const HOST = `(?:${HOST_NAME}|(?:${BYTE}\\.){3}${BYTE})`;

const ORIGIN = new RegExp(`^https?://${HOST}(?::${PORT})?$`);
/** Browsers leave out a scheme's own port, so an origin that names it would never match. */
const ORIGIN_WITH_NEEDLESS_PORT = /^(?:https:.*:443|http:.*:80)$/;
const HTTP_URL = new RegExp(`^https?://${HOST}(?::${PORT})?(?:/[A-Za-z0-9._~%/-]*)?$`);
const HTTPS_URL_ON_PORT_443 = /^https:\/\/[^:\/]*(?::443)?(?:\/|$)/;

/** Origins as app/config.ts reads them. In production every web page of the world would be one too many. */
export function corsRules(environment: Environment): Rule<string>[] {
  const what = 'must be origins such as https://play.instruqt.com, separated by commas';
  if (environment.isProduction) {
    return [
      // An asterisk gets its own message.
      everyPartMatches(new RegExp(`${ORIGIN.source}|\\*`), ORIGIN_WITH_NEEDLESS_PORT, what),
      lacks(/\*/, 'must not hold * in production: name the origins that need to call the API'),
    ];
  }
  return [
    everyPartMatches(new RegExp(`${ORIGIN.source}|^\\*$`), ORIGIN_WITH_NEEDLESS_PORT, `${what}, or * alone`),
    lacks(/\*[^*]*,|,[^*]*\*/, 'must hold either * or a list of origins, not both'),
  ];
}

/** The portal's URL as app/environment.ts reads it. */
export function cspUrlRules(environment: Environment): Rule<string>[] {
  const isUrl = matches(
    HTTP_URL,
    'must be the URL of the portal, such as https://portal.example.com/api, without user, query or fragment',
  );
  if (!environment.isProduction) return [isUrl];
  return [
    isUrl,
    matches(
      HTTPS_URL_ON_PORT_443,
      'must begin with https:// in production, and name no port but 443: calls carry a token, and tasks reach no other port',
    ),
  ];
}

const IMAGE_PATH_PART = /[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*/.source;
const IMAGE_TAG = /:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}/.source;
const IMAGE_DIGEST = /@sha256:[a-f0-9]{64}/.source;
const IMAGE = new RegExp(
  `^(?:${HOST}(?::${PORT})?/)?${IMAGE_PATH_PART}(?:/${IMAGE_PATH_PART})*(?:${IMAGE_TAG}|(?:${IMAGE_TAG})?${IMAGE_DIGEST})?$`,
);

/** An image reference. In production it must go on meaning the same image: else no revision could be gone back to. */
export function imageRules(environment: Environment): Rule<string>[] {
  const isImage = matches(
    IMAGE,
    'must be an image such as 123456789012.dkr.ecr.us-east-1.amazonaws.com/sandbox-broker:1.4.2, or with a digest (@sha256:...)',
  );
  if (!environment.isProduction) return [isImage];
  return [
    isImage,
    lacks(
      /:latest(?:@|$)/,
      'must not be tagged latest in production: a tag that moves cannot be rolled back',
    ),
    matches(
      new RegExp(`${IMAGE_TAG}$|@sha256:`),
      'must have a tag or a digest in production: without one it means latest',
    ),
  ];
}

/** A certificate of the load balancer's own region: it cannot use another's. */
export function certificateRules(environment: Environment): Rule<string>[] {
  const arn = `arn:aws(?:-[a-z]+)*:acm:${environment.awsRegion}:[0-9]{12}:certificate/[A-Za-z0-9-]+`;
  const what = `must be the ARN of an ACM certificate in ${environment.awsRegion}`;
  return environment.isProduction
    ? [matches(new RegExp(`^${arn}$`), `${what} in production: tokens do not travel in clear text`)]
    : [matches(new RegExp(`^(?:${arn})?$`), `${what}, or empty for plain HTTP`)];
}

/** Source: Amazon ECS developer guide, "Amazon ECS task definitions for 64-bit ARM workloads". */
const ZONES_WITHOUT_ARM64 = ['use1-az3'];

/** What the image is built for, and Fargate has in both zones. */
export function architectureRules({ availabilityZoneIds }: Environment): Rule<string>[] {
  const isKnown = oneOf(['ARM64', 'X86_64'], 'must be ARM64 or X86_64');
  const lacking = availabilityZoneIds.filter((zoneId) => ZONES_WITHOUT_ARM64.includes(zoneId));
  if (lacking.length === 0) return [isKnown];
  return [
    isKnown,
    lacks(
      /^ARM64$/,
      `must not be ARM64 in the zone ${lacking.join(', ')}, where Fargate has none: ` +
        'choose another zone in SANDBOX_BROKER_ZONE_IDS, or X86_64 and an image that is built for it',
    ),
  ];
}

const EMAIL = /[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+/.source;

/** The address that gets the alarms. In production somebody has to hear of them. */
export function emailRules(environment: Environment): Rule<string>[] {
  return environment.isProduction
    ? [
        matches(
          new RegExp(`^${EMAIL}$`),
          'must be the e-mail address that gets the alarms, such as on-call@example.com, in production',
        ),
      ]
    : [matches(new RegExp(`^(?:${EMAIL})?$`), 'must be an e-mail address, or empty for none')];
}

/** A managed policy of the account's own, or none. */
export const BOUNDARY_RULE: Rule<string> = matches(
  /^(?:arn:aws(?:-[a-z]+)*:iam::[0-9]{12}:policy\/[A-Za-z0-9+=,.@_\/-]+)?$/,
  'must be the ARN of a policy in IAM, the output permissions_boundary_arn of the bootstrap stack, or empty for none',
);

/** Source: Amazon CloudWatch Logs API Reference, PutRetentionPolicy. */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1_096, 1_827, 2_192, 2_557, 2_922, 3_288,
  3_653,
];

export const LOG_RETENTION_RULE: Rule<number> = oneOf(
  LOG_RETENTION_DAYS,
  `must be a number of days that CloudWatch Logs offers: ${LOG_RETENTION_DAYS.join(', ')}`,
);
