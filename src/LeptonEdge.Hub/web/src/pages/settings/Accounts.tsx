import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { getAll } from '../../api/client';
import type { Account } from '../../api/types';
import { useSession } from '../../app/session';
import { ago, time } from '../../ui/format';
import { MenuButton } from '../../ui/Menu';
import { Answer, Panel, Tag } from '../../ui/parts';
import { AccountDialog, type Asking } from './AccountDialog';

export function Accounts() {
  const { t } = useTranslation();
  const [asking, setAsking] = useState<Asking | null>(null);
  const self = useSession().name;
  const accounts = useQuery({
    queryKey: ['accounts'],
    queryFn: ({ signal }) => getAll<Account>('/accounts', {}, signal),
  });
  return (
    <Panel
      title={t('settings.accounts')}
      flush
      end={
        <button type="button" className="button small primary" onClick={() => setAsking({ what: 'new' })}>
          {t('settings.newAccount')}
        </button>
      }
    >
      <Answer query={accounts}>
        {(all) => (
          <div className="table-scroll" tabIndex={0} role="group" aria-label={t('settings.accounts')}>
            <table className="plain">
              <thead>
                <tr>
                  <th>{t('signIn.name')}</th>
                  <th>{t('settings.role')}</th>
                  <th>{t('settings.sites')}</th>
                  <th>{t('settings.lastSignIn')}</th>
                  <th className="n">{t('settings.tokens')}</th>
                  <th>
                    <span className="unseen">{t('act.more')}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {all.map((account) => (
                  <tr key={account.name}>
                    <th scope="row">
                      {account.name} {account.name === self && <Tag>{t('settings.you')}</Tag>}
                    </th>
                    <td>{t(`role.${account.role}`)}</td>
                    <td>{account.sites?.join(', ') ?? t('settings.allSites')}</td>
                    <td>
                      {account.lastSignInMicros ? ago(account.lastSignInMicros) : t('state.never')}{' '}
                      {account.lockedUntilMicros && (
                        <Tag tone="bad">{t('settings.locked', { time: time(account.lockedUntilMicros) })}</Tag>
                      )}
                    </td>
                    <td className="n">{account.tokens}</td>
                    <td className="n">
                      <MenuButton
                        label={`${t('act.more')}: ${account.name}`}
                        icon="down"
                        sections={[
                          {
                            items: [
                              {
                                id: 'rights',
                                text: t('settings.rights'),
                                act: () => setAsking({ what: 'rights', account }),
                              },
                              {
                                id: 'password',
                                text: t('settings.setPassword'),
                                act: () => setAsking({ what: 'password', account }),
                              },
                              {
                                id: 'remove',
                                text: t('act.remove'),
                                disabled: account.name === self,
                                act: () => setAsking({ what: 'remove', account }),
                              },
                            ],
                          },
                        ]}
                      />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Answer>
      {asking && <AccountDialog asking={asking} onClose={() => setAsking(null)} />}
    </Panel>
  );
}
