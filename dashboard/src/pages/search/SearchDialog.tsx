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
import { SearchDocument } from '../../gql/graphql';
import { FailureNote } from '../../parts';
import { grouped } from './hits';
import styles from './SearchDialog.module.css';

/** Of each kind. */
const ROWS = 6;

/** Finds customers, people and campaigns by a part of their name; arrows choose, Enter goes there. */
export default function SearchDialog({ onClose }: { readonly onClose: () => void }) {
  const go = useGo();
  const [typed, setTyped] = useState('');
  const text = useDeferredValue(typed.trim());
  const read = useRead(SearchDocument, { text, first: ROWS }, { pause: text === '' });
  const found = text === '' || !read.data ? [] : grouped(read.data);
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
            <TextField
              aria-label="Search customers, people and campaigns"
              // A dialog that was opened to type into.
              // eslint-disable-next-line jsx-a11y/no-autofocus
              autoFocus
              maxLength={200}
            >
              <Input placeholder="Customer, person or campaign" className={styles.input ?? ''} />
            </TextField>
            {read.failure && <FailureNote failure={read.failure} onRetry={read.reload} />}
            <ListBox
              aria-label="Found"
              items={found}
              className={styles.list ?? ''}
              renderEmptyState={() => <p className={styles.empty}>{said(text, read.isLoading)}</p>}
              onAction={(path) => open(String(path))}
            >
              {(group) => (
                <ListBoxSection>
                  <Header className={styles.group ?? ''}>{group.id}</Header>
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
  if (text === '') return 'Type a part of a name or an address.';
  return isLoading ? 'Searching …' : `Nothing you see is called “${text}”.`;
}
