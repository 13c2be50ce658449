import { expect, it } from 'vitest';
import { conditionInput, nodeOf, type GroupNode } from './draft';
import { isGroup, turned, widened } from './editing';

const TREE = nodeOf({ all: [{ silentForDays: 9 }, { not: { levels: ['HIGH'] } }] }) as GroupNode;

it('a group keeps its parts when it becomes the other kind', () => {
  expect(conditionInput(turned(TREE, 'any'))).toEqual({
    any: [{ silentForDays: 9 }, { not: { levels: ['HIGH'] } }],
  });
});

it('a condition that becomes a group or a “not” is kept within it, and comes back out', () => {
  const levels = nodeOf({ levels: ['LOW'] });
  expect(conditionInput(turned(levels, 'all'))).toEqual({ all: [{ levels: ['LOW'] }] });
  const not = turned(levels, 'not');
  expect(conditionInput(not)).toEqual({ not: { levels: ['LOW'] } });
  expect(turned(not, 'levels')).toBe(levels);
});

it('a condition that is no group is widened into one', () => {
  const wide = widened(nodeOf({ levels: ['LOW'] }));
  expect(wide.member).toBe('all');
  expect(isGroup(wide) && wide.parts.map(({ member }) => member)).toEqual(['levels', 'happened']);
});
