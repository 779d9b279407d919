import { harmless, type Phrase } from '../model/phrase';
import { element } from './dom';

/**
 * Text whose direction cannot reach beyond it. The element isolates letters that run from right to left; characters that
 * only change the direction are replaced, so that none can end the isolation early.
 */
export function isolated(text: string, className?: string): HTMLElement {
  return element('bdi', { class: className }, harmless(text));
}

/** A phrase as the page shows it: our words as they are, each foreign part isolated. */
export function nodesOf(text: Phrase | string): (Node | string)[] {
  if (typeof text === 'string') return [text];
  return text.map((part) => (typeof part === 'string' ? part : isolated(part.foreign)));
}
