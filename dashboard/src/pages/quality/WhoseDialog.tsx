import { useDeferredValue, useState } from 'react';
import { useRead } from '../../client';
import { QualityCustomersDocument } from '../../gql/graphql';
import { Button, Dialog, Empty, Shown, Skeleton, Switch, TextField } from '../../parts';
import { guessedSearch, isClaimable, type Case, type Proposal } from './review';
import styles from './Quality.module.css';

interface WhoseDialogProps {
  readonly of: Case;
  readonly onChosen: (customer: Proposal, isDomainTheirs: boolean) => void;
  readonly onClose: () => void;
}

/** Whose address, and whose domain: one press once the right customer is found. */
export function WhoseDialog({ of, onChosen, onClose }: WhoseDialogProps) {
  const [text, setText] = useState(() => (isClaimable(of) ? guessedSearch(of.domain) : ''));
  const [isDomain, setDomain] = useState(of.why === 'UNKNOWN_DOMAIN');
  const search = useDeferredValue(text.trim());
  const read = useRead(QualityCustomersDocument, { search });
  return (
    <Dialog title={`Whose is ${of.waiting[0]?.address ?? of.domain}?`} isOpen onClose={onClose}>
      <TextField
        label="Customer’s name or domain"
        value={text}
        onChange={setText}
        maxLength={200}
        // eslint-disable-next-line jsx-a11y/no-autofocus -- a dialog that was asked for
        autoFocus
      />
      {isClaimable(of) ? (
        <Switch isOn={isDomain} onChange={setDomain}>
          All of {of.domain} is theirs
        </Switch>
      ) : (
        <p className={styles.soft}>
          {of.domain} is free mail: only this address becomes theirs, never the domain.
        </p>
      )}
      <Shown read={read} skeleton={<Skeleton lines={4} height="2.5rem" />}>
        {({ customers: { nodes } }) =>
          nodes.length === 0 ? (
            <Empty title="No customer is like that">
              Try another part of the name. Customers come by an import.
            </Empty>
          ) : (
            <ul className={styles.choices}>
              {nodes.map((customer) => (
                <li key={customer.id}>
                  <span>
                    <strong>{customer.name}</strong>
                    <br />
                    <span className={styles.soft}>
                      {customer.domains.length ? customer.domains.join(', ') : 'no domain yet'}
                      {customer.csm && ` · ${customer.csm.name}`}
                    </span>
                  </span>
                  <Button
                    isSmall
                    aria-label={`${isDomain ? 'This domain is theirs' : 'This address is theirs'}: ${customer.name}`}
                    onPress={() => onChosen(customer, isDomain)}
                  >
                    {isDomain ? 'This domain is theirs' : 'This address is theirs'}
                  </Button>
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
    </Dialog>
  );
}
