/** What the account says of its buckets. There is no client of S3 among our dependencies, and this is all that is asked. */
export interface AccountBuckets {
  /** The names of all buckets. */
  names: () => Promise<string[]>;
  /** A part of a bucket's configuration as S3 tells it (JSON or XML), such as `policy` or `lifecycle`. */
  configuration: (bucket: string, part: string) => Promise<string>;
}

/** The emulator reads from it which service is meant, and checks no signature. */
const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=none';

/** Asks the account behind the URL. @throws Error for an answer that is not a 200. */
export function accountBuckets(url: string): AccountBuckets {
  const get = async (path: string): Promise<string> => {
    const answer = await fetch(url + path, { headers: { authorization: AUTHORIZATION } });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`S3 answered ${path} with ${answer.status}: ${text}`);
    return text;
  };
  return {
    names: async () =>
      [...(await get('/')).matchAll(/<Bucket>.*?<Name>([^<]+)<\/Name>/gs)].map(([, name = '']) => name),
    configuration: (bucket, part) => get(`/${bucket}?${part}`),
  };
}
