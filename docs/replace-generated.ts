/**
 * Puts generated text between the markers `<!-- NAME -->` and `<!-- /NAME -->` of a Markdown document.
 *
 * @throws Error when the document does not hold the markers, each once and in order.
 */
export function replaceGenerated(document: string, name: string, generated: string): string {
  const [opening, closing] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [before, rest, ...more] = document.split(opening);
  const [, after, ...others] = rest?.split(closing) ?? [];
  if (before === undefined || after === undefined || more.length > 0 || others.length > 0) {
    throw new Error(`the document must hold ${opening} and ${closing}, each once and in this order`);
  }
  return `${before}${opening}\n\n${generated}\n\n${closing}${after}`;
}
