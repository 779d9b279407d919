/**
 * Keeps the policies of buckets in the emulator's place. moto 5.2.1 reads no condition of a policy: what denies requests
 * without TLS would deny every request.
 */
export class BucketPolicies {
  private readonly textByBucket = new Map<string, string>();

  /** The answer to a request about a bucket's policy: status and body; undefined for all other requests. */
  answerTo(method: string, url: string, body: Buffer): { status: number; body: string } | undefined {
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    if (!searchParams.has('policy')) return undefined;
    if (method === 'PUT') {
      this.textByBucket.set(pathname, body.toString('utf8'));
      return { status: 204, body: '' };
    }
    if (method === 'DELETE') {
      this.textByBucket.delete(pathname);
      return { status: 204, body: '' };
    }
    const text = this.textByBucket.get(pathname);
    return text === undefined ? NO_POLICY : { status: 200, body: text };
  }
}

const NO_POLICY = {
  status: 404,
  body: '<Error><Code>NoSuchBucketPolicy</Code><Message>The bucket policy does not exist</Message></Error>',
};
