// Two texts side by side, line by line.

export interface LinePair {
  /** null where the side has no such line. */
  mine: string | null;
  theirs: string | null;
}

const most = 1000; // lines of a side that are matched; longer texts are shown as they are

/** The lines of both sides; equal lines stand beside each other, a longest run of them. */
export function sideBySide(mine: string, theirs: string): LinePair[] {
  const a = lines(mine), b = lines(theirs);
  const length = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  if (a.length <= most && b.length <= most) {
    for (let i = a.length - 1; i >= 0; i--) for (let j = b.length - 1; j >= 0; j--) length[i]![j] = a[i] === b[j] ? length[i + 1]![j + 1]! + 1 : Math.max(length[i + 1]![j]!, length[i]![j + 1]!);
  }
  const pairs: LinePair[] = [];
  let left: string[] = [], right: string[] = [];
  const flush = (): void => {
    for (let n = 0; n < Math.max(left.length, right.length); n++) pairs.push({ mine: left[n] ?? null, theirs: right[n] ?? null });
    left = [];
    right = [];
  };
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      flush();
      pairs.push({ mine: a[i++]!, theirs: b[j++]! });
    } else if (j >= b.length || (i < a.length && length[i + 1]![j]! >= length[i]![j + 1]!)) left.push(a[i++]!);
    else right.push(b[j++]!);
  }
  flush();
  return pairs;
}

function lines(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}
