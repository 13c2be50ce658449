// @vitest-environment jsdom
import { expect, it } from 'vitest';
import { isSearchKey, isTyping } from './SearchButton';
import { tokenIn } from './SignIn';

it.each([
  ['ce_abc', 'ce_abc'],
  ['  ce_abc\n', 'ce_abc'],
  ['http://127.0.0.1:8000/#token=ce_abc', 'ce_abc'],
  ['http://127.0.0.1:8000/#other=1', ''],
  ['', ''],
])('%j holds the token %j', (pasted, token) => {
  expect(tokenIn(pasted)).toBe(token);
});

it('searching begins by / where nobody types, and by Ctrl+K anywhere', () => {
  const input = document.createElement('input');
  const none = { ctrlKey: false, metaKey: false, altKey: false };
  expect(isTyping(input)).toBe(true);
  expect(isSearchKey({ ...none, key: '/', target: document.body })).toBe(true);
  expect(isSearchKey({ ...none, key: '/', target: input })).toBe(false);
  expect(isSearchKey({ ...none, key: 'k', ctrlKey: true, target: input })).toBe(true);
  expect(isSearchKey({ ...none, key: 'k', target: document.body })).toBe(false);
});
