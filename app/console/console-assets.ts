import { cacheableText, type Cacheable } from '../openapi/cacheable';

/** The files of the console, as they are served. */
export interface ConsoleAssets {
  'console.js': Cacheable;
  'console.css': Cacheable;
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
    'console.js': cacheableText(script, 'text/javascript; charset=utf-8'),
    'console.css': cacheableText(style, 'text/css; charset=utf-8'),
  };
}
