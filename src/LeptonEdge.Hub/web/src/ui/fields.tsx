import type { ReactNode } from 'react';

/** What a list is narrowed by while one types; its label is its placeholder too. */
export function Search({ label, value, onChange, kind = 'search' }: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  kind?: 'search' | 'inline';
}) {
  return (
    <input
      type="search"
      className={`input ${kind}`}
      aria-label={label}
      placeholder={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

/** One of a few; the children are its options. */
export function Choice({ label, value, onChange, children }: {
  label: string;
  value: string | number;
  onChange: (value: string) => void;
  children: ReactNode;
}) {
  return (
    <select
      className="input inline"
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      {children}
    </select>
  );
}
