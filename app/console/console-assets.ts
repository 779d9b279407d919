import { createHash } from 'node:crypto';

/** A file of the console, as it is served. */
export interface ConsoleAsset {
  content: string;
  contentType: string;
  /** Of its content: a URL with it may be kept for ever. */
  hash: string;
}

export interface ConsoleAssets {
  'console.js': ConsoleAsset;
  'console.css': ConsoleAsset;
}

/**
 * Script and style of the page. scripts/build.mjs puts them here, into the bundle itself: what is shipped needs no file
 * beside it. Not there when the sources are run without a build.
 */
declare const CONSOLE_SCRIPT: string | undefined;
declare const CONSOLE_STYLE: string | undefined;

/** The files of the console; `undefined` in a process that runs from sources. */
export function bundledConsoleAssets(): ConsoleAssets | undefined {
  if (typeof CONSOLE_SCRIPT === 'undefined' || typeof CONSOLE_STYLE === 'undefined') return undefined;
  return consoleAssets(CONSOLE_SCRIPT, CONSOLE_STYLE);
}

/** Script and style with what HTTP needs to know of them. */
export function consoleAssets(script: string, style: string): ConsoleAssets {
  return {
    'console.js': asset(script, 'text/javascript; charset=utf-8'),
    'console.css': asset(style, 'text/css; charset=utf-8'),
  };
}

function asset(content: string, contentType: string): ConsoleAsset {
  return { content, contentType, hash: hashOf(content) };
}

/** Tells one content from another. */
export function hashOf(content: string): string {
  return createHash('sha256').update(content).digest('base64url').slice(0, 16);
}
