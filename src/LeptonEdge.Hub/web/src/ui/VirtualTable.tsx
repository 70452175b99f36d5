import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useRef, type CSSProperties, type ReactNode } from 'react';
import { Icon } from './icons';

export interface Column<T> {
  id: string;
  name: ReactNode;
  track: string;
  numeric?: boolean;
  flex?: boolean;
  cell: (row: T) => ReactNode;
  /** What it is sorted by; without it the heading is no button. */
  by?: (row: T) => string | number;
}

// Made once: comparing through one is ten times as quick as through the texts themselves.
const inOrder = new Intl.Collator(undefined, { numeric: true });

export interface Sort {
  column: string;
  down: boolean;
}
const ROW = 36;

/** A table whose rows exist only while they are in view: its length costs nothing. */
export function VirtualTable<T>({
  label,
  rows,
  columns,
  keyOf,
  sort,
  onSort,
  isChosen,
  height,
  least,
}: {
  label: string;
  rows: T[];
  columns: Column<T>[];
  keyOf: (row: T) => string;
  sort?: Sort;
  onSort?: (sort: Sort) => void;
  isChosen?: (row: T) => boolean;
  height: string;
  least?: string;
}) {
  const view = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => view.current,
    estimateSize: () => ROW,
    overscan: 10,
    getItemKey: (at) => keyOf(rows[at]!),
  });
  const style = {
    height,
    '--columns': columns.map((column) => column.track).join(' '),
    '--least': least,
  } as CSSProperties;
  return (
    <div
      ref={view}
      className="vt"
      style={style}
      role="table"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      tabIndex={0}
    >
      <div className="vt-head" role="rowgroup">
        <div className="vt-row" role="row" aria-rowindex={1}>
          {columns.map((column) => (
            <Head key={column.id} column={column} sort={sort} onSort={onSort} />
          ))}
        </div>
      </div>
      <div className="vt-body" role="rowgroup" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => (
          <Row
            key={item.key}
            row={rows[item.index]!}
            at={item.index}
            start={item.start}
            columns={columns as Column<unknown>[]}
            chosen={isChosen?.(rows[item.index]!)}
          />
        ))}
      </div>
    </div>
  );
}

function Head<T>({ column, sort, onSort }: { column: Column<T>; sort?: Sort; onSort?: (sort: Sort) => void }) {
  const own = sort?.column === column.id ? sort : undefined;
  const aria = own ? (own.down ? 'descending' : 'ascending') : undefined;
  return (
    <span className={`cell ${column.numeric ? 'n' : ''}`} role="columnheader" aria-sort={aria}>
      {column.by && onSort ? (
        <button
          type="button"
          className="sort"
          onClick={() => onSort({ column: column.id, down: own ? !own.down : !!column.numeric })}
        >
          {column.name}
          {own && <Icon name={own.down ? 'down' : 'up'} />}
        </button>
      ) : (
        column.name
      )}
    </span>
  );
}

const Row = memo(function Row({
  row,
  at,
  start,
  columns,
  chosen,
}: {
  row: unknown;
  at: number;
  start: number;
  columns: Column<unknown>[];
  chosen?: boolean;
}) {
  return (
    <div
      className="vt-row"
      role="row"
      aria-rowindex={at + 2}
      aria-selected={chosen}
      style={{ transform: `translateY(${start}px)` }}
    >
      {columns.map((column) => (
        <span key={column.id} role="cell" className={`cell ${column.numeric ? 'n' : ''} ${column.flex ? 'flex' : ''}`}>
          {column.cell(row)}
        </span>
      ))}
    </div>
  );
});

/** Rows in the order that the heading shows. */
export function sorted<T>(rows: T[], columns: Column<T>[], sort: Sort): T[] {
  const by = columns.find((column) => column.id === sort.column)?.by;
  if (!by) return rows;
  const sign = sort.down ? -1 : 1;
  return rows.toSorted((one, two) => {
    const [a, b] = [by(one), by(two)];
    return sign * (typeof a === 'string' && typeof b === 'string' ? inOrder.compare(a, b) : Number(a) - Number(b));
  });
}
