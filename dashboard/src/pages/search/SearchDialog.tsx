import { useDeferredValue, useState } from 'react';
import {
  Autocomplete,
  Collection,
  Dialog,
  Header,
  Input,
  ListBox,
  ListBoxItem,
  ListBoxSection,
  Modal,
  ModalOverlay,
  TextField,
} from 'react-aria-components';
import { useGo } from '../../app/useGo';
import { useRead } from '../../client';
import { SearchDocument, type SearchQuery } from '../../gql/graphql';
import { FailureNote } from '../../parts';
import styles from './SearchDialog.module.css';

const ROWS = 8;

interface Hit {
  readonly id: string;
  readonly name: string;
  readonly note: string;
  readonly path: string;
}

interface Group {
  readonly name: string;
  readonly hits: readonly Hit[];
}

/** Finds customers and campaigns by a part of their name; arrows choose, Enter goes there. */
export default function SearchDialog({ onClose }: { readonly onClose: () => void }) {
  const go = useGo();
  const [typed, setTyped] = useState('');
  const text = useDeferredValue(typed.trim());
  const read = useRead(SearchDocument, { text, first: ROWS }, { pause: text === '' });
  const found = text === '' || !read.data ? [] : groups(read.data);
  const open = (path: string): void => {
    onClose();
    go(path);
  };
  return (
    <ModalOverlay
      isOpen
      isDismissable
      onOpenChange={(isOpen) => !isOpen && onClose()}
      className={styles.overlay ?? ''}
    >
      <Modal className={styles.modal ?? ''}>
        <Dialog aria-label="Search" className={styles.dialog ?? ''}>
          <Autocomplete inputValue={typed} onInputChange={setTyped}>
            {/* eslint-disable-next-line jsx-a11y/no-autofocus -- a dialog that was opened to type into */}
            <TextField aria-label="Search customers and campaigns" autoFocus className={styles.field ?? ''}>
              <Input placeholder="Customer or campaign" className={styles.input ?? ''} />
            </TextField>
            {read.failure && <FailureNote failure={read.failure} onRetry={read.reload} />}
            <ListBox
              aria-label="Found"
              items={found.map((group) => ({ ...group, id: group.name }))}
              className={styles.list ?? ''}
              renderEmptyState={() => <p className={styles.empty}>{said(text, read.isLoading)}</p>}
              onAction={(path) => open(String(path))}
            >
              {(group) => (
                <ListBoxSection>
                  <Header className={styles.group ?? ''}>{group.name}</Header>
                  <Collection items={group.hits.map((hit) => ({ ...hit, id: hit.path }))}>
                    {(hit) => (
                      <ListBoxItem textValue={hit.name} className={styles.hit ?? ''}>
                        <span className={styles.name}>{hit.name}</span>
                        <span className={styles.note}>{hit.note}</span>
                      </ListBoxItem>
                    )}
                  </Collection>
                </ListBoxSection>
              )}
            </ListBox>
          </Autocomplete>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function said(text: string, isLoading: boolean): string {
  if (text === '') return 'Type a part of a name.';
  return isLoading ? 'Searching …' : `Nothing here is called “${text}”.`;
}

function groups(found: SearchQuery): Group[] {
  const customers = found.customers.nodes.map(({ id, name, segment }) => ({
    id,
    name,
    note: segment ?? '',
    path: `/customers/${id}`,
  }));
  const campaigns = found.campaigns.nodes.map(({ id, name, subject }) => ({
    id,
    name,
    note: subject ?? '',
    path: `/campaigns/${id}`,
  }));
  return [
    { name: 'Customers', hits: customers },
    { name: 'Campaigns', hits: campaigns },
  ].filter((group) => group.hits.length > 0);
}
