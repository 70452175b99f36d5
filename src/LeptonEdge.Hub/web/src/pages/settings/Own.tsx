import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { getAll, send } from '../../api/client';
import type { SessionItem } from '../../api/types';
import { useSession } from '../../app/session';
import { Wrong } from '../../ui/Dialog';
import { ago } from '../../ui/format';
import { Answer, Panel, Tag, Words } from '../../ui/parts';
import { say, sayFault } from '../../ui/Toasts';
import { Field } from '../gate/Gate';

const PASSWORD_MIN = 12;

/** One's own account: who one is, the password, and where one is signed in. */
export function Own() {
  const { t } = useTranslation();
  const session = useSession();
  return (
    <div className="grid two">
      <Panel title={t('settings.me')}>
        <dl className="facts">
          <dt>{t('signIn.name')}</dt>
          <dd>{session.name}</dd>
          <dt>{t('settings.role')}</dt>
          <dd>{t(`role.${session.role}`)}</dd>
          <dt>{t('app.tenant')}</dt>
          <dd>{session.tenant}</dd>
          <dt>{t('settings.sites')}</dt>
          <dd>{session.sites?.join(', ') ?? t('settings.allSites')}</dd>
        </dl>
      </Panel>
      <Password />
      <Sessions />
    </div>
  );
}

function Password() {
  const { t } = useTranslation();
  const [fault, setFault] = useState<unknown>();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const element = event.currentTarget;
    const form = new FormData(element);
    setFault(undefined);
    try {
      await send('PUT', '/session/password', { current: form.get('current'), password: form.get('password') });
      element.reset();
      say(t('settings.passwordChanged'));
    } catch (error) {
      setFault(error);
    }
  };
  return (
    <Panel title={t('settings.password')}>
      <form className="form" onSubmit={(event) => void submit(event)}>
        <Field label={t('settings.current')} name="current" type="password" autoComplete="current-password" />
        <Field
          label={t('settings.new')}
          name="password"
          type="password"
          autoComplete="new-password"
          minLength={PASSWORD_MIN}
          hint={t('welcome.passwordHint')}
        />
        {fault !== undefined && <Wrong error={fault} />}
        <button type="submit" className="button primary">
          {t('settings.change')}
        </button>
      </form>
    </Panel>
  );
}

function Sessions() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const sessions = useQuery({
    queryKey: ['sessions'],
    queryFn: ({ signal }) => getAll<SessionItem>('/sessions', {}, signal),
  });
  const end = async (id: number) => {
    try {
      await send('DELETE', `/sessions/${id}`);
      await queries.invalidateQueries({ queryKey: ['sessions'] });
    } catch (fault) {
      sayFault(fault);
    }
  };
  return (
    <Panel title={t('settings.sessions')} className="span">
      <Answer query={sessions}>
        {(all) => (
          <ul className="list">
            {all.map((session) => (
              <li key={session.id}>
                <span className="grow wrap">
                  {session.account} · {session.address}{' '}
                  <span className="quiet small">
                    <Words>{session.agent}</Words>
                  </span>
                </span>
                {session.current && <Tag tone="good">{t('settings.thisOne')}</Tag>}
                <span className="when">{ago(session.seenMicros)}</span>
                {!session.current && (
                  <button type="button" className="button small" onClick={() => void end(session.id)}>
                    {t('settings.end')}
                  </button>
                )}
              </li>
            ))}
          </ul>
        )}
      </Answer>
    </Panel>
  );
}
