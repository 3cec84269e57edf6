import { stripVTControlCharacters } from 'node:util';

const MASK = '***';
/** The names of settings whose values are secret: of Hadoop's S3 clients, AWS's variables, JDBC and the like. */
const SECRET_NAME =
  '[\\w.-]*(?:secret[_.-]?(?:access[_.-]?)?key|session[_.-]?token|security[_.-]?token|passw(?:or)?d|pwd|x-amz-signature|x-amz-credential)';

const SECRETS: readonly (readonly [RegExp, string])[] = [
  // Ids of access keys: AKIA of a user, ASIA of a session (IAM User Guide, IAM identifiers).
  [/\b(A(?:KI|SI)A)[A-Z0-9]{12,}\b/g, `$1${MASK}`],
  [new RegExp(`(${SECRET_NAME}["']?\\s*(?:=>|[=:]|%3D)\\s*["']?)[^\\s"'&,;}]+`, 'gi'), `$1${MASK}`],
  [/(\bSignature=)[0-9a-fA-F]+/g, `$1${MASK}`],
  [/(\bBearer\s+)[\w.~+/=-]{8,}/gi, `$1${MASK}`],
  [/\bgh[a-z]_[A-Za-z0-9]{20,}\b/g, MASK],
  [/(:\/\/[^\s/:@]*:)[^\s/@]+@/g, `$1${MASK}@`],
];

/**
 * A line of somebody else's log, fit to be shown: without colours and control characters, with what looks
 * like a credential masked, and without what GitHub's runner would take for a command of the step.
 */
export function cleanLine(line: string): string {
  const plain = stripVTControlCharacters(line).replaceAll(/[^\P{Cc}\t]/gu, '');
  const masked = SECRETS.reduce((text, [pattern, shown]) => text.replaceAll(pattern, shown), plain);
  return masked.replace(/^(\s*):(?=:)/, '$1: ').replaceAll('##[', '## [');
}
