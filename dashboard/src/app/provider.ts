import { useEffect, useState } from 'react';

/** The identity provider that people may sign in with. */
export interface Provider {
  readonly name: string;
  /** Where that begins. */
  readonly signIn: string;
}

const PATH = '/auth/provider';

/** The provider in the service's answer; null where there is none. */
export function providerIn(answer: unknown): Provider | null {
  if (typeof answer !== 'object' || answer === null || !('provider' in answer)) return null;
  const { name, signIn } = (answer.provider ?? {}) as Partial<Record<keyof Provider, unknown>>;
  const isWhole = typeof name === 'string' && typeof signIn === 'string' && /^https?:/.test(signIn);
  return isWhole ? { name, signIn } : null;
}

/** Where to go to sign in, and come back to the page that was asked for. */
export function signInAt(provider: Provider, at: Pick<Location, 'pathname' | 'search'>): string {
  return `${provider.signIn}?to=${encodeURIComponent(at.pathname + at.search)}`;
}

/** Null until the service has told, and where it tells none: a token lets in as well. */
export function useProvider(): Provider | null {
  const [provider, setProvider] = useState<Provider | null>(null);
  useEffect(() => {
    let isWanted = true;
    void fetch(PATH)
      .then(async (answer) => providerIn(await answer.json()))
      .catch(() => null)
      .then((found) => {
        if (isWanted) setProvider(found);
      });
    return () => {
      isWanted = false;
    };
  }, []);
  return provider;
}
