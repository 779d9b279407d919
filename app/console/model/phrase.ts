/** What somebody else wrote: a name from the portal, a reason, the text of an error. Shown apart from our own words. */
export interface Foreign {
  foreign: string;
}

/** A text for people, which keeps our own words and those of others apart. */
export type Phrase = readonly (string | Foreign)[];

/**
 * Embeddings, overrides and isolates of the Unicode bidirectional algorithm. A name that holds them can turn our own
 * words around, so that a question reads as its opposite.
 */
const DIRECTION_CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g;

/**
 * A text of our own with values in it: phrase`Alarm ${name} is in ALARM.` Each value is taken for somebody else's, but
 * for one that is a phrase itself.
 */
export function phrase(words: TemplateStringsArray, ...values: (string | number | Phrase)[]): Phrase {
  return words.flatMap((own, index) => {
    const value = values[index];
    if (value === undefined) return [own];
    return [own, ...(typeof value === 'object' ? value : [{ foreign: String(value) }])];
  });
}

/** Names with commas between them, each a part of its own. */
export function inARow(names: string[]): Phrase {
  return names.flatMap((name, index) => [...(index === 0 ? [] : [', ']), { foreign: name }]);
}

/** The text alone, for what can hold no elements, e.g. a label. */
export function plainText(text: Phrase): string {
  return text.map((part) => (typeof part === 'string' ? part : harmless(part.foreign))).join('');
}

/** The text with a visible sign (U+FFFD) in the place of each character that changes the direction of what follows. */
export function harmless(text: string): string {
  return text.replace(DIRECTION_CONTROLS, '\ufffd');
}
