import { cacheable, cacheableText, type Cacheable } from './cacheable';

/**
 * Swagger UI, compressed, in base64. scripts/build.mjs puts it here, into the bundle itself: what is shipped needs no
 * file beside it. Not there when the sources are run without a build.
 */
declare const SWAGGER_UI: { script: string; style: string } | undefined;

/** Swagger UI's files; undefined in a process that runs from sources: it has no page. */
export function bundledSwaggerUi(): { script: string; style: string } | undefined {
  return typeof SWAGGER_UI === 'undefined' ? undefined : SWAGGER_UI;
}

/**
 * Only our own files, and calls to our own API. Swagger UI needs no inline script, no inline style and no eval; its icons
 * are data URLs. It makes markup of the document's text, which is ours, so Trusted Types cannot be asked for.
 */
export const DOCS_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The page about the API, and the files that it loads, by name. */
export interface DocsPage {
  page: Cacheable;
  files: Record<'swagger-ui.js' | 'swagger-ui.css' | 'docs.js' | 'docs.css', Cacheable>;
}

/**
 * The page that shows the document at `<basePath>/openapi.json`.
 *
 * @param swaggerUi script and style, compressed with Brotli, in base64
 */
export function docsPage(basePath: string, swaggerUi: { script: string; style: string }): DocsPage {
  const files = {
    'swagger-ui.js': cacheable(Buffer.from(swaggerUi.script, 'base64'), 'text/javascript; charset=utf-8'),
    'swagger-ui.css': cacheable(Buffer.from(swaggerUi.style, 'base64'), 'text/css; charset=utf-8'),
    'docs.js': cacheableText(START_SCRIPT, 'text/javascript; charset=utf-8'),
    'docs.css': cacheableText(STYLE, 'text/css; charset=utf-8'),
  };
  const url = (file: keyof typeof files): string => `${basePath}/docs/${file}?v=${files[file].hash}`;
  // The base path holds letters, digits and ._~-/ only (app/config.ts): nothing to escape.
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sandbox broker API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${url('swagger-ui.css')}">
<link rel="stylesheet" href="${url('docs.css')}">
<script defer src="${url('swagger-ui.js')}"></script>
<script defer src="${url('docs.js')}"></script>
</head>
<body>
<main id="docs" data-document="${basePath}/openapi.json"></main>
<noscript>This page needs JavaScript. The document that it shows: <a href="${basePath}/openapi.json">openapi.json</a>.</noscript>
</body>
</html>
`;
  return { page: cacheableText(html, 'text/html; charset=utf-8'), files };
}

/** Starts Swagger UI. It follows the system's choice of light or dark, also when that changes. */
const START_SCRIPT = `'use strict';
const main = document.getElementById('docs');
const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', follow);
follow();
SwaggerUIBundle({
  url: main.dataset.document,
  domNode: main,
  deepLinking: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
`;

const STYLE = `body { margin: 0; }
html.dark-mode, html.dark-mode body { background: #1c2022; }
.swagger-ui .info { margin: 24px 0 8px; }
.swagger-ui .info .description { max-width: 72ch; }
.swagger-ui .scheme-container { box-shadow: none; margin: 0; padding: 8px 0; }
`;
