import { Fragment, useEffect, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { Severity } from '../api/types';

export type Tone = 'good' | 'warn' | 'bad' | 'accent' | 'hub' | 'none';

/** Heading of a page; also the browser's title. */
export function PageHead({ title, children, lead }: { title: string; children?: ReactNode; lead?: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · LeptonEdge`;
  }, [title]);
  return (
    <div className="head">
      <h1 className="wrap">{title}</h1>
      {lead}
      {children && <div className="actions">{children}</div>}
    </div>
  );
}

export function Panel({
  title,
  end,
  flush,
  className = '',
  children,
}: {
  title?: ReactNode;
  end?: ReactNode;
  flush?: boolean;
  className?: string;
  children: ReactNode;
}) {
  return (
    <section className={`panel ${flush ? 'flush' : ''} ${className}`}>
      {title && (
        <header>
          <h2>{title}</h2>
          {end && <div className="end">{end}</div>}
        </header>
      )}
      {children}
    </section>
  );
}

export function Stat({
  label,
  value,
  unit,
  note,
  href,
  tone,
  children,
}: {
  label: string;
  value: ReactNode;
  unit?: string;
  note?: ReactNode;
  href?: string;
  tone?: Tone;
  children?: ReactNode;
}) {
  const inside = (
    <>
      <span className="label">{label}</span>
      <span className={`value ${tone ?? ''}`}>
        {value}
        {unit && <small>{unit}</small>}
      </span>
      <span className="note">{note}</span>
      {children}
    </>
  );
  return href ? (
    <Link className="stat" href={href}>
      {inside}
    </Link>
  ) : (
    <div className="stat">{inside}</div>
  );
}

export const Tag = ({ tone = 'none', children }: { tone?: Tone; children: ReactNode }) => (
  <span className={`tag ${tone}`}>{children}</span>
);

const SEVERITY: Record<Severity, Tone> = { critical: 'bad', warning: 'warn', info: 'accent' };

export function SeverityTag({ severity }: { severity: Severity }) {
  const { t } = useTranslation();
  return <Tag tone={SEVERITY[severity]}>{t(`severity.${severity}`)}</Tag>;
}

/** Where work runs: on the device, on another device of its site, on the hub, or on both. */
export function PlaceTag({ place }: { place: string }) {
  const { t } = useTranslation();
  const tone: Tone = place === 'local' ? 'good' : place === 'peer' ? 'accent' : 'hub';
  return <Tag tone={tone}>{t(`place.${place as 'local'}`, { defaultValue: place })}</Tag>;
}

export function Dot({ tone, label }: { tone: 'good' | 'warn' | 'bad' | 'none'; label?: string }) {
  return (
    <>
      <span className={`dot ${tone}`} aria-hidden="true" />
      {label && <span>{label}</span>}
    </>
  );
}

export function Meter({ share, label }: { share: number; label: string }) {
  const tone = share >= 0.9 ? 'bad' : share >= 0.75 ? 'warn' : '';
  return (
    <span className="meter">
      <span className={`bar ${tone}`} aria-hidden="true">
        <i style={{ width: `${Math.min(100, Math.max(0, share * 100))}%` }} />
      </span>
      <span>{label}</span>
    </span>
  );
}

/** Names and what they stand for; a row that is false is left out. */
export function Facts({ rows }: { rows: ([name: string, value: ReactNode] | false | '' | null | undefined)[] }) {
  const shown = rows.filter((row) => !!row);
  if (shown.length === 0) return null;
  return (
    <dl className="facts">
      {shown.map(([name, value], at) => (
        <Fragment key={at}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}

/** A sentence of the hub's or a device's own, which is English in every language of the pages. */
export const Words = ({ children }: { children: ReactNode }) => <span lang="en">{children}</span>;

export { Answer, Empty, Fault, Loading } from './states';
