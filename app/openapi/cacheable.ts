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
  /** Of its content: a URL with it may be kept for ever. */
  hash: string;
}

/** Text, compressed once. */
export function cacheableText(text: string, contentType: string): Cacheable {
  const params = { [constants.BROTLI_PARAM_QUALITY]: QUALITY };
  return cacheable(brotliCompressSync(text, { params }), contentType);
}

/** What was compressed already. */
export function cacheable(compressed: Buffer, contentType: string): Cacheable {
  const hash = createHash('sha256').update(compressed).digest('base64url').slice(0, 22);
  return { contentType, compressed, hash };
}

/**
 * Sends it, or 304 to whoever has it. Without the right `v` in the query it is asked for anew each time, and costs a 304:
 * during a deployment the page may come from one version and what it needs from another.
 */
export function sendCacheable(request: Request, response: Response, content: Cacheable): void {
  const isVersioned = request.query.v === content.hash;
  response.set('Cache-Control', isVersioned ? 'public, max-age=31536000, immutable' : 'public, no-cache');
  response.set('ETag', `"${content.hash}"`);
  response.vary('Accept-Encoding');
  if (request.fresh) {
    response.status(304).end();
    return;
  }
  response.type(content.contentType);
  if (request.acceptsEncodings('br') === 'br') {
    response.set('Content-Encoding', 'br').send(content.compressed);
  } else {
    response.send(brotliDecompressSync(content.compressed));
  }
}
