/*
 * The one place where elements are made. Text goes in as text: nothing here, and nothing anywhere in the console, turns a
 * string into markup. Names come from the portal, and reasons from people.
 */

type Child = Node | string | number | null | undefined | false;

/** Attributes, and `on…` listeners. `false`, `null` and `undefined` leave an attribute out, `true` sets it empty. */
export type Properties = Record<
  string,
  string | number | boolean | null | undefined | ((event: Event) => void)
>;

/** Makes an HTML element. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  return fill(document.createElement(tag), properties, children);
}

/** Makes an SVG element. */
export function svgElement<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  properties: Properties = {},
  ...children: Child[]
): SVGElementTagNameMap[Tag] {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), properties, children);
}

/** The element of the page with this id. Throws if the page has none of that kind. */
export function byId<Type extends HTMLElement = HTMLElement>(
  id: string,
  type: new () => Type = HTMLElement as unknown as new () => Type,
): Type {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`The page has no ${type.name} #${id}`);
  return found;
}

/**
 * Puts children in the place of those that are there. What has not changed stays: the focus and what is selected
 * survive a refresh, and screen readers are told of changes only.
 */
export function show(parent: Element, ...children: Child[]): void {
  const draft = parent.cloneNode(false) as Element;
  append(draft, children);
  if (draft.isEqualNode(parent)) return;
  const focused = keyOfFocus(parent);
  parent.replaceChildren(...draft.childNodes);
  if (focused !== undefined) {
    const again = [...parent.querySelectorAll<HTMLElement>('[data-key]')].find(
      ({ dataset }) => dataset.key === focused,
    );
    again?.focus({ preventScroll: true });
  }
}

/** The `data-key` of what has the focus within an element. */
function keyOfFocus(parent: Element): string | undefined {
  const { activeElement } = document;
  return activeElement instanceof HTMLElement && parent.contains(activeElement)
    ? activeElement.dataset.key
    : undefined;
}

function fill<Type extends Element>(made: Type, properties: Properties, children: Child[]): Type {
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'function') made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, String(value));
  }
  append(made, children);
  return made;
}

function append(parent: Element, children: Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(typeof child === 'number' ? String(child) : child);
  }
}
