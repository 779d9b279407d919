const MAX_BYTES = 16 * 1024 * 1024;

/** The last 16 MiB of a stream, as text; a bound, so that a system left running does not eat up the memory. */
export class OutputTail {
  private chunks: Buffer[] = [];
  private sizeBytes = 0;

  constructor(private readonly maxBytes = MAX_BYTES) {}

  append(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.sizeBytes += chunk.length;
    let first = this.chunks[0];
    while (first !== undefined && this.sizeBytes - first.length >= this.maxBytes) {
      this.chunks.shift();
      this.sizeBytes -= first.length;
      first = this.chunks[0];
    }
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString('utf8');
  }
}
