import clsx from 'clsx';
import type { ReactNode } from 'react';
import type { Column } from './VirtualTable';
import styles from './Table.module.css';

interface TableProps<Row> {
  /** What the table lists, for screen readers. */
  readonly label: string;
  /** The first column names the row. `width` is the least that the column takes, e.g. `8rem`. */
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
}

/** A short list with all its rows in the page; where it is too wide it scrolls by itself, by keyboard too. */
export function Table<Row>({ label, columns, rows, keyOf }: TableProps<Row>) {
  return (
    // What scrolls must be within the keyboard's reach.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={styles.scroller} tabIndex={0} role="region" aria-label={label}>
      <table className={styles.table}>
        <thead>
          <tr>
            {columns.map(({ name, width, isNumber }) => (
              <th
                key={name}
                scope="col"
                className={clsx(isNumber && styles.number)}
                style={{ minInlineSize: width }}
              >
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column, index) => (
                <Cell key={column.name} isName={index === 0} isNumber={column.isNumber ?? false}>
                  {column.cell(row)}
                </Cell>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({
  isName,
  isNumber,
  children,
}: {
  readonly isName: boolean;
  readonly isNumber: boolean;
  readonly children: ReactNode;
}) {
  const className = clsx(isNumber && styles.number);
  return isName ? (
    <th scope="row" className={className}>
      {children}
    </th>
  ) : (
    <td className={className}>{children}</td>
  );
}
