import { useEffect, useState, type SyntheticEvent } from 'react';
import { signIn, useSession } from '../client';
import { Button, ButtonLink, TextField } from '../parts';
import { signInAt, useProvider } from './provider';
import styles from './SignIn.module.css';

const WHY = {
  expired: 'Your sign-in has ended. Sign in again; what you were looking at is still here.',
  refused: 'That token was not accepted: it may be incomplete, or no longer hold.',
} as const;

/** For whoever is not signed in: at the identity provider where there is one, by a link with a token, or by pasting one. */
export function SignIn() {
  const { ended } = useSession();
  const provider = useProvider();
  const [token, setToken] = useState('');
  useEffect(() => {
    document.title = 'Sign in – Campaign engagement';
  }, []);
  const send = (event: SyntheticEvent): void => {
    event.preventDefault();
    const given = tokenIn(token);
    if (given) signIn(given);
  };
  return (
    <main className={styles.page}>
      <h1>Campaign engagement</h1>
      <p className={styles.lead}>Live, what each of your customers did with every bulk email.</p>
      {ended !== null && (
        <p role="alert" className={styles.ended}>
          {WHY[ended]}
        </p>
      )}
      {provider && (
        <ButtonLink look="main" href={signInAt(provider, location)}>
          Sign in with {provider.name}
        </ButtonLink>
      )}
      <form onSubmit={send} className={styles.form}>
        <TextField
          label="Token, or the link you were given"
          type="password"
          autoComplete="off"
          value={token}
          onChange={setToken}
          description="It is kept in this browser until you sign out."
        />
        <Button type="submit" look={provider ? 'plain' : 'main'} isDisabled={!tokenIn(token)}>
          Sign in
        </Button>
      </form>
      <p className={styles.hint}>
        The service prints a link that signs in when it starts. An operator makes more:
        <br />
        <code>python -m server token --role csm --csm you@example.com</code>
      </p>
    </main>
  );
}

/** The token in what was pasted: itself, or what stands after `#token=` in a link. */
export function tokenIn(pasted: string): string {
  const text = pasted.trim();
  const fragment = text.indexOf('#');
  return (fragment < 0 ? text : (new URLSearchParams(text.slice(fragment + 1)).get('token') ?? '')).trim();
}
