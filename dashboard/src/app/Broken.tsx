import { useRouteError } from 'react-router';
import { Button } from '../parts';
import styles from './Shell.module.css';

/** Where a page failed to draw, or could not be loaded, e.g. after an update of the service. */
export function Broken() {
  const error = useRouteError();
  const isOutdated = error instanceof TypeError && /import|module/i.test(error.message);
  return (
    <div className={styles.alone} role="alert">
      <h1>{isOutdated ? 'There is a newer version' : 'This page broke'}</h1>
      <p>
        {isOutdated
          ? 'The service was updated since you opened the dashboard.'
          : 'That is our fault. What you did is kept; loading the page again usually helps.'}
      </p>
      <p>
        <Button look="main" onPress={() => location.reload()}>
          Load again
        </Button>
      </p>
    </div>
  );
}
