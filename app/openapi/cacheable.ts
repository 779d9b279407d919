import { createHash } from 'node:crypto';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import type { Request, Response } from 'express';

/** Large enough to be compressed only once, for all who ask. */
const QUALITY = 9;

/** Content that is the same for everybody until the next release. */
export interface Cacheable {
  contentType: string;
  /** Compressed with Brotli, which every browser takes over TLS. */
  compressed: Buffer;
  /** As it was before: unpacked when first asked for, then kept. Unpacking takes the processor from all other calls. */
  plain: () => Buffer;
  /** Of its content: a URL with it may be kept for ever. */
  hash: string;
}

/** Text, compressed once. */
export function cacheableText(text: string, contentType: string): Cacheable {
  const plain = Buffer.from(text);
  const params = { [constants.BROTLI_PARAM_QUALITY]: QUALITY };
  const compressed = brotliCompressSync(plain, { params });
  return { contentType, compressed, plain: () => plain, hash: hashOf(compressed) };
}

/** What was compressed already. */
export function cacheable(compressed: Buffer, contentType: string): Cacheable {
  let plain: Buffer | undefined;
  return {
    contentType,
    compressed,
    plain: () => (plain ??= brotliDecompressSync(compressed)),
    hash: hashOf(compressed),
  };
}

/**
 * Sends it, or 304 to whoever has it. Without the right `v` in the query it is sent with the caching in `otherwise`:
 * during a deployment the page may come from one version and what it needs from another. By default it is then asked for
 * anew each time, and costs a 304.
 */
export function sendCacheable(
  request: Request,
  response: Response,
  content: Cacheable,
  otherwise = 'public, no-cache',
): void {
  const isCompressed = request.acceptsEncodings('br') === 'br';
  const isVersioned = request.query.v === content.hash;
  response.set('Cache-Control', isVersioned ? 'public, max-age=31536000, immutable' : otherwise);
  // A strong ETag names these very bytes (RFC 9110, 8.8.1), so each encoding has its own.
  response.set('ETag', isCompressed ? `"${content.hash}-br"` : `"${content.hash}"`);
  response.vary('Accept-Encoding');
  if (request.fresh) {
    response.status(304).end();
    return;
  }
  response.set('Content-Type', content.contentType);
  if (isCompressed) response.set('Content-Encoding', 'br');
  if (request.method === 'HEAD') {
    // Without Content-Length, which may be left out of it (RFC 9110, 9.3.2): nothing is unpacked to count it.
    response.end();
    return;
  }
  response.send(isCompressed ? content.compressed : content.plain());
}

function hashOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('base64url').slice(0, 22);
}
