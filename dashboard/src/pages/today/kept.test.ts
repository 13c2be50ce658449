import { expect, it } from 'vitest';
import { kept } from './kept';

it.each([
  ['nothing else', -1, -1, [5, 6, 7]],
  ['the open row', -1, 1, [1, 5, 6, 7]],
  ['the row in focus and its neighbours', 20, -1, [5, 6, 7, 19, 20, 21]],
  ['a first row has none before it', 0, -1, [0, 1, 5, 6, 7]],
  ['a last row has none after it', 29, 29, [5, 6, 7, 28, 29]],
  ['what is in sight stands once', 6, 7, [5, 6, 7]],
])('besides what is in sight: %s', (_, focused, open, indices) => {
  expect(kept([5, 6, 7], focused, open, 30)).toEqual(indices);
});
