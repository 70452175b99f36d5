import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { getAll, send } from '../../api/client';
import type { AccessToken } from '../../api/types';
import { FormDialog } from '../../ui/Dialog';
import { ago, time } from '../../ui/format';
import { Answer, Empty, Panel, Tag } from '../../ui/parts';
import { say, sayFault } from '../../ui/Toasts';

const SCOPES = ['read', 'change', 'infer', 'metrics'] as const;

/** Personal access tokens, for scripts. */
export function Tokens() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<AccessToken | null>(null);
  const tokens = useQuery({
    queryKey: ['tokens'],
    queryFn: ({ signal }) => getAll<AccessToken>('/tokens', {}, signal),
  });
  const refresh = () => queries.invalidateQueries({ queryKey: ['tokens'] });
  const remove = async (id: number) => {
    try {
      await send('DELETE', `/tokens/${id}`);
      await refresh();
    } catch (fault) {
      sayFault(fault);
    }
  };
  return (
    <div className="stack">
      {made?.token && (
        <div className="strip good" role="status">
          <div className="grow">
            <p>{t('settings.tokenMade', { name: made.name })}</p>
            <code className="wrap">{made.token}</code>
          </div>
          <button
            type="button"
            className="button small"
            onClick={() => void navigator.clipboard.writeText(made.token!).then(() => say(t('act.copied')))}
          >
            {t('act.copy')}
          </button>
        </div>
      )}
      <Panel
        title={t('settings.tokens')}
        flush
        end={
          <button type="button" className="button small primary" onClick={() => setMaking(true)}>
            {t('settings.newToken')}
          </button>
        }
      >
        <Answer query={tokens}>
          {(all) =>
            all.length === 0 ? (
              <Empty title={t('settings.noTokens')}>{t('settings.noTokensHint')}</Empty>
            ) : (
              <div className="table-scroll" tabIndex={0} role="group" aria-label={t('settings.tokens')}>
                <table className="plain">
                  <thead>
                    <tr>
                      <th>{t('signIn.name')}</th>
                      <th>{t('settings.account')}</th>
                      <th>{t('settings.role')}</th>
                      <th>{t('settings.scopes')}</th>
                      <th>{t('settings.expires')}</th>
                      <th>{t('settings.used')}</th>
                      <th>
                        <span className="unseen">{t('act.remove')}</span>
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {all.map((token) => (
                      <tr key={token.id}>
                        <th scope="row">{token.name}</th>
                        <td>{token.account}</td>
                        <td>{t(`role.${token.role}`)}</td>
                        <td className="row">
                          {token.scopes.map((scope) => (
                            <Tag key={scope}>{scope}</Tag>
                          ))}
                        </td>
                        <td className={token.expiresMicros < Date.now() * 1000 ? 'bad' : ''}>
                          {time(token.expiresMicros)}
                        </td>
                        <td>{token.usedMicros ? ago(token.usedMicros) : t('state.never')}</td>
                        <td>
                          <button
                            type="button"
                            className="button small danger"
                            aria-label={`${t('act.remove')} ${token.name}`}
                            onClick={() => void remove(token.id)}
                          >
                            {t('act.remove')}
                          </button>
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )
          }
        </Answer>
      </Panel>
      {making && (
        <FormDialog
          title={t('settings.newToken')}
          submit={t('act.create')}
          onClose={() => setMaking(false)}
          onSubmit={async (form) => {
            setMade(
              await send<AccessToken>('POST', '/tokens', {
                name: form.get('name'),
                scopes: form.getAll('scope'),
                days: Number(form.get('days')),
              }),
            );
            await refresh();
          }}
        >
          <label className="field">
            <span>{t('settings.tokenFor')}</span>
            <input className="input" name="name" required maxLength={64} autoFocus />
          </label>
          <fieldset className="field plain">
            <legend>{t('settings.scopes')}</legend>
            {SCOPES.map((scope) => (
              <label key={scope} className="row">
                <input type="checkbox" name="scope" value={scope} defaultChecked={scope === 'read'} />
                {t(`settings.scope.${scope}`)}
              </label>
            ))}
          </fieldset>
          <label className="field">
            <span>{t('settings.days')}</span>
            <input className="input" name="days" type="number" min={1} max={366} defaultValue={90} required />
          </label>
        </FormDialog>
      )}
    </div>
  );
}
