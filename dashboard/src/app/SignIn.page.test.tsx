// @vitest-environment jsdom
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it, vi } from 'vitest';
import { token } from '../client/session';
import { SignIn } from './SignIn';

const PROVIDER = { name: 'Example ID', signIn: 'https://us.example/auth/sign-in' };

function offering(provider: typeof PROVIDER | null): void {
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json({ provider })));
}

beforeEach(() => history.replaceState(null, '', '/customers/7'));

it('where there is an identity provider, it comes first and leads back to the page', async () => {
  offering(PROVIDER);
  render(<SignIn />);
  const link = await screen.findByRole('link', { name: 'Sign in with Example ID' });
  expect(link).toHaveAttribute('href', `${PROVIDER.signIn}?to=%2Fcustomers%2F7`);
  expect(screen.getByRole('button', { name: 'Sign in' })).toBeDisabled();
});

it('without one a token lets in, also where the service does not answer', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
  render(<SignIn />);
  const user = userEvent.setup();
  await user.type(
    screen.getByLabelText('Token, or the link you were given'),
    'http://127.0.0.1:8000/#token=ce_abc',
  );
  await user.click(screen.getByRole('button', { name: 'Sign in' }));
  expect(token()).toBe('ce_abc');
  expect(screen.queryByRole('link')).toBeNull();
});
