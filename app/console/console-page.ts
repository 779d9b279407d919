import type { ConsoleAssets } from './console-assets';

export interface ConsolePageOptions {
  /** In front of the API's calls. */
  basePath: string;
  /** What the person is looking at, e.g. `prod`. */
  environmentName: string;
  assets: ConsoleAssets;
}

/** Characters that mean something in HTML, also within an attribute. */
const SPECIAL: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * The page, without any data: the script fills it once somebody has given a token. Everything that is not data stands
 * here, so that a reader of the source sees the page's structure as a screen reader does.
 */
export function consolePage({ basePath, environmentName, assets }: ConsolePageOptions): string {
  const name = escaped(environmentName);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<meta name="broker-base-path" content="${escaped(basePath)}">
<meta name="broker-environment" content="${name}">
<title>Sandbox broker · ${name}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/console/console.css?v=${assets['console.css'].hash}">
<script type="module" src="/console/console.js?v=${assets['console.js'].hash}"></script>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
  <h1>Sandbox broker <span class="environment">${name}</span></h1>
  <p id="connection" role="status"></p>
  <button type="button" id="forget" hidden>Forget the token</button>
</header>
<main id="content" tabindex="-1">
  <noscript><p>This page needs JavaScript.</p></noscript>
  <section id="sign-in" aria-labelledby="sign-in-title" hidden>
    <h2 id="sign-in-title">Sign in</h2>
    <form id="sign-in-form" autocomplete="off" novalidate>
      <label for="token">Admin token</label>
      <div class="row">
        <input id="token" type="password" autocomplete="off" spellcheck="false" autocapitalize="off" required aria-describedby="token-help sign-in-error">
        <button type="submit" class="primary">Open</button>
      </div>
      <p id="sign-in-error" class="error" role="alert"></p>
      <p id="token-help" class="quiet">It is kept in the memory of this page only, and forgotten when you reload it, or after 30 minutes without a key or a click.</p>
    </form>
  </section>
  <div id="board" hidden>
    <div id="results"></div>
    <section aria-labelledby="findings-title">
      <h2 id="findings-title">Needs attention</h2>
      <div id="findings" aria-live="polite"></div>
    </section>
    <section aria-labelledby="pool-title">
      <div class="heading"><h2 id="pool-title">Pool</h2><p class="as-of" id="pool-as-of"></p></div>
      <dl id="tiles" class="tiles"></dl>
      <div class="charts">
        <figure><figcaption>Sandboxes by status</figcaption><div id="chart-status" class="chart"></div></figure>
        <figure><figcaption>Allocations a minute</figcaption><div id="chart-allocations" class="chart"></div></figure>
        <figure><figcaption>Time that an allocation takes, in milliseconds</figcaption><div id="chart-latency" class="chart"></div></figure>
      </div>
      <p class="quiet" id="chart-note"></p>
    </section>
    <section aria-labelledby="jobs-title">
      <div class="heading"><h2 id="jobs-title">Jobs</h2><p class="as-of" id="jobs-as-of"></p></div>
      <div id="runner"></div>
      <div id="jobs"></div>
    </section>
    <section aria-labelledby="alarms-title">
      <div class="heading"><h2 id="alarms-title">Alarms</h2><p class="as-of" id="alarms-as-of"></p></div>
      <div id="alarms"></div>
    </section>
    <section aria-labelledby="sandboxes-title">
      <div class="heading"><h2 id="sandboxes-title">Sandboxes</h2><p class="as-of" id="sandboxes-as-of"></p></div>
      <form id="filter" class="filter" novalidate>
        <div><label for="filter-status">Status</label><select id="filter-status"></select></div>
        <div><label for="filter-caller">Caller</label><input id="filter-caller" type="search" maxlength="256" spellcheck="false" autocapitalize="off" autocomplete="off" placeholder="student-1"></div>
        <div><label for="filter-name">Name begins with</label><input id="filter-name" type="search" maxlength="256" spellcheck="false" autocapitalize="off" autocomplete="off" placeholder="csp-sandbox-00"></div>
        <div><label for="filter-id">Sandbox id</label><input id="filter-id" type="search" maxlength="256" spellcheck="false" autocapitalize="off" autocomplete="off" placeholder="2009537"></div>
        <div class="buttons"><button type="submit">Show</button><button type="reset">Clear</button></div>
      </form>
      <div id="sandboxes"></div>
      <nav id="paging" class="row" aria-label="Pages of sandboxes"></nav>
    </section>
    <section aria-labelledby="rollbacks-title">
      <div class="heading"><h2 id="rollbacks-title">What alarms and people did</h2><p class="as-of" id="rollbacks-as-of"></p></div>
      <div id="rollbacks"></div>
    </section>
  </div>
</main>
<dialog id="confirmation" aria-labelledby="confirmation-title">
  <form id="confirmation-form" novalidate>
    <h2 id="confirmation-title"></h2>
    <div id="confirmation-text"></div>
    <div id="confirmation-reason" hidden>
      <label for="reason">Why? Whoever finds it changed will ask.</label>
      <input id="reason" type="text" maxlength="500" autocomplete="off" aria-describedby="reason-error">
      <p id="reason-error" class="error" role="alert"></p>
    </div>
    <div class="row end">
      <button type="button" id="confirmation-cancel">Cancel</button>
      <button type="submit" id="confirmation-agree" class="primary"></button>
    </div>
  </form>
</dialog>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => SPECIAL[character] ?? '');
}
