import { useEffect, useRef, type ReactNode } from 'react';
import styles from './Page.module.css';

interface PageProps {
  readonly title: string;
  /** One line below the title: what the page is about, or how much there is. */
  readonly lead?: ReactNode;
  /** Buttons at the right of the title. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

const NAME = 'Campaign engagement';

/** A page: its title (also of the tab), which is told to screen readers when one arrives. */
export function Page({ title, lead, actions, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} – ${NAME}`;
  }, [title]);
  useEffect(() => {
    // Only on arrival by a link: on a fresh load the browser has its own place to begin.
    if (history.state !== null && (history.state as { idx?: number }).idx)
      heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <div className={styles.titles}>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead !== undefined && <p className={styles.lead}>{lead}</p>}
        </div>
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

interface PanelProps {
  readonly title: string;
  /** What the panel's figures mean, or whose they are. */
  readonly note?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** A part of a page with a heading of its own. */
export function Panel({ title, note, actions, children }: PanelProps) {
  return (
    <section className={styles.panel} aria-label={title}>
      <header className={styles.panelHead}>
        <div>
          <h2>{title}</h2>
          {note !== undefined && <p className={styles.note}>{note}</p>}
        </div>
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </section>
  );
}

/** Panels side by side where there is room: as many columns as fit at `min` width. */
export function Columns({
  children,
  wide = 'equal',
}: {
  readonly children: ReactNode;
  readonly wide?: 'equal' | 'first';
}) {
  return <div className={`${styles.columns ?? ''} ${styles[wide] ?? ''}`}>{children}</div>;
}
