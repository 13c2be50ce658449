import { useConnection, type Connection } from '../client';
import styles from './Shell.module.css';

const WORDS: Readonly<Record<Connection, readonly [string, string]>> = {
  idle: ['', ''],
  connecting: ['connecting', 'The live connection is being made'],
  live: ['live', 'What happens is shown as it happens'],
  lost: ['reconnecting', 'The live connection is lost and tried again; nothing will be missed'],
};

/** How the live connection stands: a word and a dot, quiet while all is well. */
export function ConnectionSign() {
  const connection = useConnection();
  const [word, title] = WORDS[connection];
  return (
    <span className={styles.connection} data-connection={connection} title={title} role="status">
      {word && <span className={styles.dot} aria-hidden="true" />}
      {word}
    </span>
  );
}
