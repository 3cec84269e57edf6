/** A notice, warning or error that GitHub shows beside the run. */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly message: string;
  readonly title?: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/** The log of a step: the commands in what it writes are read, and the rest is masked as GitHub does. */
export interface StepLog {
  readonly annotations: readonly Annotation[];
  /** What is hidden, in the order in which it was named. */
  readonly masks: readonly string[];
  /** Makes what takes one of the step's two outputs: whole lines count, however they come in. */
  readonly writer: () => (text: string) => void;
  /** Adds an annotation of the runner's own. */
  readonly annotate: (annotation: Annotation) => void;
  /** Takes what came last without an end of line. */
  readonly end: () => void;
  /** The log so far, masked. */
  readonly text: () => string;
}

/** Begins a log; the masks are those that earlier steps of the job left. */
export function startLog(earlierMasks: readonly string[] = []): StepLog {
  const annotations: Annotation[] = [];
  const masks = [...earlierMasks];
  const kept: string[] = [];
  const flushes: (() => void)[] = [];
  // While it is set, commands are text, up to the line with this mark.
  let stopMark: string | undefined;

  const annotate = (annotation: Annotation): void => {
    annotations.push({ ...annotation, message: mask(annotation.message, masks) });
  };
  const addMask = (value: string): void => {
    // Each line of a value is masked by itself too, for a log is written by lines.
    const parts = [value, ...value.split(/\r?\n/)].filter((part) => part.trim() !== '');
    for (const part of parts) if (!masks.includes(part)) masks.push(part);
  };
  const take = (line: string): void => {
    if (stopMark !== undefined) {
      if (line.trim() === `::${stopMark}::`) stopMark = undefined;
      else kept.push(mask(line, masks));
      return;
    }
    const [, name = '', properties = '', data = ''] = /^\s*::([\w-]+)(?: (.*?))?::(.*)$/.exec(line) ?? [];
    switch (name) {
      case 'add-mask':
        addMask(decode(data));
        kept.push('::add-mask::***');
        return;
      case 'stop-commands':
        stopMark = data;
        return;
      case 'error':
      case 'warning':
      case 'notice':
        annotate({ level: name, message: decode(data), ...placeOf(properties) });
        break;
      default:
    }
    kept.push(mask(line, masks));
  };
  const writer = () => {
    let rest = '';
    flushes.push(() => {
      if (rest !== '') take(rest);
      rest = '';
    });
    return (text: string): void => {
      const lines = (rest + text).split(/\r?\n/);
      rest = lines.pop() ?? '';
      for (const line of lines) take(line);
    };
  };

  return {
    annotations,
    masks,
    writer,
    annotate,
    end: () => {
      for (const flush of flushes) flush();
    },
    text: () => kept.join('\n'),
  };
}

/** Hides the masked values in a text, the longest first, for one may hold another. */
export function mask(text: string, masks: readonly string[]): string {
  return masks
    .toSorted((one, other) => other.length - one.length)
    .reduce((masked, value) => masked.replaceAll(value, '***'), text);
}

function placeOf(properties: string): Omit<Annotation, 'level' | 'message'> {
  const values = new Map(
    properties.split(',').map((property) => {
      const [name = '', ...value] = property.split('=');
      return [name.trim(), decode(value.join('=').replaceAll('%3A', ':').replaceAll('%2C', ','))];
    }),
  );
  const title = values.get('title');
  const file = values.get('file');
  const line = values.get('line');
  const column = values.get('col');
  return {
    ...(title === undefined ? {} : { title }),
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line: Number(line) }),
    ...(column === undefined ? {} : { column: Number(column) }),
  };
}

/** Undoes the escapes of a command's text; the percent sign last, for it begins all of them. */
function decode(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
}
