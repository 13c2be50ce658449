// @vitest-environment jsdom
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { SearchField } from './SearchField';

function field(): HTMLElement {
  return screen.getByRole('searchbox', { name: 'Search' });
}

it('asks once when the typing rests, with what is to be done by then', async () => {
  const [early, late] = [vi.fn<(text: string) => void>(), vi.fn<(text: string) => void>()];
  const { rerender } = render(<SearchField label="Search" value="" onChange={early} />);
  await userEvent.type(field(), 'acme');
  rerender(<SearchField label="Search" value="" onChange={late} />);
  await waitFor(() => expect(late).toHaveBeenCalledExactlyOnceWith('acme'));
  expect(early).not.toHaveBeenCalled();
  expect(field()).toHaveValue('acme');
});

it('follows what is searched for elsewhere, and asks nothing then', async () => {
  const asked = vi.fn<(text: string) => void>();
  const { rerender } = render(<SearchField label="Search" value="acme" onChange={asked} />);
  rerender(<SearchField label="Search" value="" onChange={asked} />);
  expect(field()).toHaveValue('');
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(asked).not.toHaveBeenCalled();
});

it('keeps what was typed on while the answer to the first letters arrives', async () => {
  const asked = vi.fn<(text: string) => void>();
  const { rerender } = render(<SearchField label="Search" value="" onChange={asked} />);
  await userEvent.type(field(), 'ac');
  await waitFor(() => expect(asked).toHaveBeenCalledExactlyOnceWith('ac'));
  await userEvent.type(field(), 'me');
  rerender(<SearchField label="Search" value="ac" onChange={asked} />);
  expect(field()).toHaveValue('acme');
});
