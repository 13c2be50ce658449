import {
  Button as AriaButton,
  Link as AriaLink,
  type ButtonProps,
  type LinkProps,
} from 'react-aria-components';
import styles from './Button.module.css';

type Look = 'plain' | 'main' | 'quiet' | 'risky';

interface Dressed {
  readonly look?: Look;
  /** Smaller, for rows of tables. */
  readonly isSmall?: boolean;
}

function dress(look: Look, isSmall: boolean): string {
  return [styles.button, styles[look], isSmall ? styles.small : ''].join(' ');
}

/** Does something. One `main` button a page at most. */
export function Button({
  look = 'plain',
  isSmall = false,
  ...props
}: Omit<ButtonProps, 'className'> & Dressed) {
  return <AriaButton {...props} className={dress(look, isSmall)} />;
}

/** Goes somewhere, where that deserves the look of a button. */
export function ButtonLink({
  look = 'plain',
  isSmall = false,
  ...props
}: Omit<LinkProps, 'className'> & Dressed) {
  return <AriaLink {...props} className={dress(look, isSmall)} />;
}
