/** All that XML 1.0 cannot hold, in whatever form (production 2, Char); half of a pair is no character. */
const NO_CHARACTER = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

/** The text as content or attribute of an XML element; what XML cannot hold is shown as U+FFFD. */
export function escapeXml(text: string): string {
  return (
    text
      .replace(NO_CHARACTER, '\u{FFFD}')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      // A parser makes plain spaces of these in an attribute (section 3.3.3).
      .replaceAll(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`)
  );
}
