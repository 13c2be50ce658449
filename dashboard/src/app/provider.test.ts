import { expect, it } from 'vitest';
import { providerIn, signInAt } from './provider';

const PROVIDER = { name: 'Example ID', signIn: 'https://us.example/auth/sign-in' };

it.each([
  [{ provider: PROVIDER }, PROVIDER],
  [{ provider: null }, null],
  [{ provider: { name: 'x' } }, null],
  [{ provider: { name: 'x', signIn: 'javascript:alert(1)' } }, null],
  [{}, null],
  [null, null],
  ['<html>', null],
])('%j offers the provider %j', (answer, provider) => {
  expect(providerIn(answer)).toEqual(provider);
});

it('one comes back to the page that was asked for', () => {
  const at = { pathname: '/customers/7', search: '?stakeholder=2' };
  expect(signInAt(PROVIDER, at)).toBe(`${PROVIDER.signIn}?to=%2Fcustomers%2F7%3Fstakeholder%3D2`);
});
