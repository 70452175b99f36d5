import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/client';
import { useSessionOrNull } from '../app/session';
import { Icon, type IconName } from './icons';

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

/** Why something is not there, and what to do about it. */
export function Fault({ error, again }: { error: unknown; again?: () => void }) {
  const { t } = useTranslation();
  const session = useSessionOrNull();
  const status = error instanceof ApiError ? error.status : -1;
  const absent = status === 404 && error instanceof ApiError && error.message.startsWith('there is nothing at');
  const kind = status === 0 ? 'unreachable' : status === 403 ? 'forbidden' : absent ? 'absent' : 'title';
  const hint =
    status === 0
      ? t('fault.unreachableHint')
      : absent
        ? t('fault.absentHint')
        : status === 403 && session
          ? t('fault.forbiddenHint', {
              role: t(`role.${session.role}`),
              sites: session.sites?.join(', ') ?? t('settings.allSites'),
            })
          : null;
  const words = status === 0 || absent ? null : error instanceof Error ? error.message : String(error);
  const retry = again && status !== 403;
  return (
    <div role="alert">
      <Empty
        icon={kind === 'forbidden' ? 'lock' : 'warning'}
        title={t(`fault.${kind}`)}
        action={
          retry && (
            <button type="button" className="button" onClick={again}>
              {t('act.retry')}
            </button>
          )
        }
      >
        {hint}
        {words && (
          <span className="small said" lang="en">
            {words}
          </span>
        )}
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
