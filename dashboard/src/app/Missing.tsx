import { Link } from 'react-router';
import { Empty, Page } from '../parts';

/** For an address that no page has. */
export function Missing() {
  return (
    <Page title="No such page">
      <Empty title="There is nothing at this address">
        It may be an old link. Go to <Link to="/">Today</Link>, or search with <kbd>/</kbd>.
      </Empty>
    </Page>
  );
}
