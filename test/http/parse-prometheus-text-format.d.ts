/** What we use of a package that has no types of its own. It loses the labels of histograms. */
declare module 'parse-prometheus-text-format' {
  function parsePrometheusTextFormat(text: string): {
    name: string;
    help: string;
    type: string;
    metrics: { labels?: Record<string, string>; value?: string }[];
  }[];

  export = parsePrometheusTextFormat;
}
