import { expect, test } from 'vitest';
import { sideBySide } from './linediff';

test('equal lines stand beside each other, and what only one side has stands alone', () => {
  expect(sideBySide('a\nb\nc\n', 'a\nx\nc\nd\n')).toEqual([
    { mine: 'a', theirs: 'a' },
    { mine: 'b', theirs: 'x' },
    { mine: 'c', theirs: 'c' },
    { mine: null, theirs: 'd' },
  ]);
  expect(sideBySide('a\n', 'a\n')).toEqual([{ mine: 'a', theirs: 'a' }]);
  expect(sideBySide('a\nb\n', 'b\n')).toEqual([{ mine: 'a', theirs: null }, { mine: 'b', theirs: 'b' }]);
});
