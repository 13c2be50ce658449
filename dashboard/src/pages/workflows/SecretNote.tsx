import { Button, toast } from '../../parts';
import styles from './Workflows.module.css';

/** An endpoint's new secret, which the service does not tell again. */
export interface Secret {
  readonly endpoint: string;
  readonly value: string;
  /** Whether an old one goes on for a while. */
  readonly isRotated: boolean;
}

/** Shown this once: it is nowhere else, and gone when the page is. */
export function SecretNote({ secret, onDone }: { readonly secret: Secret; readonly onDone: () => void }) {
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(secret.value);
      toast('The secret is copied');
    } catch {
      toast('The browser did not let us copy it: select it and copy by hand.', 'bad');
    }
  };
  return (
    <div role="status" className={styles.secret}>
      <h3>The secret of “{secret.endpoint}”, shown this once</h3>
      <code>{secret.value}</code>
      <p>
        Give it to the receiver, which verifies our signatures with it. It is not kept here
        {secret.isRotated && '; for 24 hours messages are signed with the old one too'}.
      </p>
      <p className={styles.inline}>
        <Button onPress={() => void copy()}>Copy</Button>
        <Button onPress={onDone}>I have kept it</Button>
      </p>
    </div>
  );
}
