import type { ReactNode } from 'react';
import {
  Dialog as AriaDialog,
  Heading,
  Menu as AriaMenu,
  MenuItem,
  MenuTrigger,
  Modal,
  ModalOverlay,
  Popover,
} from 'react-aria-components';
import { Button } from './Button';
import styles from './overlays.module.css';

interface DialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** Wider, for lists. */
  readonly isWide?: boolean;
}

/** Asks for something before going on. Escape and a press outside close it. */
export function Dialog({ title, isOpen, onClose, children, isWide = false }: DialogProps) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable
      className={styles.overlay ?? ''}
    >
      <Modal className={`${styles.modal ?? ''} ${isWide ? (styles.wide ?? '') : ''}`}>
        <AriaDialog className={styles.dialog ?? ''}>
          <Heading slot="title" level={2}>
            {title}
          </Heading>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

export interface MenuChoice {
  readonly id: string;
  readonly label: string;
  /** The key that does the same. */
  readonly key?: string;
  readonly act: () => void;
}

/** A button that opens a list of things to do. */
export function Menu({
  label,
  choices,
  isSmall = false,
  look = 'plain',
}: {
  readonly label: string;
  readonly choices: readonly MenuChoice[];
  readonly isSmall?: boolean;
  readonly look?: 'plain' | 'main' | 'quiet';
}) {
  return (
    <MenuTrigger>
      <Button isSmall={isSmall} look={look}>
        {label} <span aria-hidden="true">▾</span>
      </Button>
      <Popover className={styles.popover ?? ''}>
        <AriaMenu aria-label={label} className={styles.menu ?? ''}>
          {choices.map((choice) => (
            <MenuItem
              key={choice.id}
              id={choice.id}
              textValue={choice.label}
              onAction={choice.act}
              className={styles.item ?? ''}
            >
              <span>{choice.label}</span>
              {choice.key !== undefined && <kbd>{choice.key}</kbd>}
            </MenuItem>
          ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
