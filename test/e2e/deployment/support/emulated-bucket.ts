/** A bucket of the emulated account. A few calls in tests are worth no client of their own. */
export class EmulatedBucket {
  private constructor(
    private readonly accountUrl: string,
    readonly name: string,
  ) {}

  /** Makes it, with nothing in it. */
  static async create(accountUrl: string, name: string): Promise<EmulatedBucket> {
    const bucket = new EmulatedBucket(accountUrl, name);
    await bucket.#ask('PUT', '');
    return bucket;
  }

  /** One that is there. */
  static at(accountUrl: string, name: string): EmulatedBucket {
    return new EmulatedBucket(accountUrl, name);
  }

  /** Every object's text by its key. */
  async objects(): Promise<Record<string, string>> {
    const list = await this.#ask('GET', '?list-type=2');
    const keys = [...list.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key]) => String(key));
    const entries = keys.map(async (key) => [key, await this.#ask('GET', `/${key}`)] as const);
    return Object.fromEntries(await Promise.all(entries));
  }

  async #ask(method: string, rest: string): Promise<string> {
    const answer = await fetch(`${this.accountUrl}/${this.name}${rest}`, {
      method,
      // The emulator reads the service and the region from it, and checks no signature.
      headers: {
        Authorization: 'AWS4-HMAC-SHA256 Credential=test/20250101/us-east-1/s3/aws4_request, Signature=none',
      },
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`The emulator answered ${answer.status} to ${method} ${rest}: ${text}`);
    return text;
  }
}
