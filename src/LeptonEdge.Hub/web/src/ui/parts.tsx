import { useEffect, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { ApiError } from '../api/client';
import type { Severity } from '../api/types';
import { Icon, type IconName } from './icons';

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

/** What to say where there is nothing to show, and what to do about it. */
export function Empty({
  icon = 'empty',
  title,
  children,
  action,
}: {
  icon?: IconName;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="note-box">
      <Icon name={icon} />
      <strong>{title}</strong>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}

export function Fault({ error, again }: { error: unknown; again?: () => void }) {
  const { t } = useTranslation();
  const status = error instanceof ApiError ? error.status : -1;
  const away = status === 0;
  const absent = status === 404 && error instanceof ApiError && error.message.startsWith('there is nothing at');
  const title = away
    ? t('fault.unreachable')
    : status === 403
      ? t('fault.forbidden')
      : absent
        ? t('fault.absent')
        : t('fault.title');
  return (
    <div role="alert">
      <Empty
        icon="warning"
        title={title}
        action={
          again && (
            <button type="button" className="button" onClick={again}>
              {t('act.retry')}
            </button>
          )
        }
      >
        {away
          ? t('fault.unreachableHint')
          : absent
            ? t('fault.absentHint')
            : error instanceof Error
              ? error.message
              : String(error)}
      </Empty>
    </div>
  );
}

export function Loading({ lines = 4 }: { lines?: number }) {
  const { t } = useTranslation();
  return (
    <div className="stack" aria-busy="true">
      <span className="unseen" role="status">
        {t('app.loading')}
      </span>
      {Array.from({ length: lines }, (_, i) => (
        <div key={i} className="skeleton" />
      ))}
    </div>
  );
}

/** A query's answer, or what stands in its place. */
export function Answer<T>({
  query,
  lines,
  children,
}: {
  query: { data: T | undefined; error: unknown; refetch: () => unknown };
  lines?: number;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  return query.error ? <Fault error={query.error} again={() => void query.refetch()} /> : <Loading lines={lines} />;
}
