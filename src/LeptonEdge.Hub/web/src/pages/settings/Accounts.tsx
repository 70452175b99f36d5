import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { getAll, send } from '../../api/client';
import type { Account, Role } from '../../api/types';
import { useSession } from '../../app/session';
import { FormDialog } from '../../ui/Dialog';
import { ago, time } from '../../ui/format';
import { MenuButton } from '../../ui/Menu';
import { Answer, Panel, Tag } from '../../ui/parts';
import { Field } from '../gate/Gate';

type Asking = { what: 'new' } | { what: 'rights' | 'password' | 'remove'; account: Account } | null;
const ROLES: Role[] = ['viewer', 'operator', 'admin'];

export function Accounts() {
  const { t } = useTranslation();
  const [asking, setAsking] = useState<Asking>(null);
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
      {asking && <Ask asking={asking} onClose={() => setAsking(null)} />}
    </Panel>
  );
}

function Ask({ asking, onClose }: { asking: NonNullable<Asking>; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const then = async (work: Promise<unknown>) => {
    await work;
    await queries.invalidateQueries({ queryKey: ['accounts'] });
  };
  const sitesOf = (form: FormData) => {
    const sites = String(form.get('sites'))
      .split(',')
      .map((site) => site.trim())
      .filter(Boolean);
    return sites.length > 0 ? sites : undefined;
  };
  if (asking.what === 'new')
    return (
      <FormDialog
        title={t('settings.newAccount')}
        submit={t('act.create')}
        onClose={onClose}
        onSubmit={(form) =>
          then(
            send('POST', '/accounts', {
              name: form.get('name'),
              password: form.get('password'),
              role: form.get('role'),
              sites: sitesOf(form),
            }),
          )
        }
      >
        <label className="field">
          <span>{t('signIn.name')}</span>
          <input className="input" name="name" required autoCapitalize="none" autoFocus />
        </label>
        <NewPassword />
        <Rights />
      </FormDialog>
    );
  const { account } = asking;
  if (asking.what === 'rights')
    return (
      <FormDialog
        title={`${t('settings.rights')}: ${account.name}`}
        submit={t('act.save')}
        onClose={onClose}
        onSubmit={(form) =>
          then(send('PUT', `/accounts/${account.name}`, { role: form.get('role'), sites: sitesOf(form) }))
        }
      >
        <Rights account={account} />
      </FormDialog>
    );
  if (asking.what === 'password')
    return (
      <FormDialog
        title={`${t('settings.setPassword')}: ${account.name}`}
        submit={t('act.save')}
        onClose={onClose}
        onSubmit={(form) => then(send('PUT', `/accounts/${account.name}/password`, { password: form.get('password') }))}
      >
        <p className="quiet">{t('settings.setPasswordHint')}</p>
        <NewPassword />
      </FormDialog>
    );
  return (
    <FormDialog
      title={`${t('act.remove')}: ${account.name}`}
      submit={t('act.remove')}
      danger
      onClose={onClose}
      onSubmit={() => then(send('DELETE', `/accounts/${account.name}`))}
    >
      <p>{t('settings.removeSure')}</p>
    </FormDialog>
  );
}

function NewPassword() {
  const { t } = useTranslation();
  return (
    <Field
      label={t('signIn.password')}
      hint={t('welcome.passwordHint')}
      name="password"
      type="password"
      minLength={12}
      autoComplete="new-password"
    />
  );
}

function Rights({ account }: { account?: Account }) {
  const { t } = useTranslation();
  return (
    <>
      <label className="field">
        <span>{t('settings.role')}</span>
        <select className="input" name="role" defaultValue={account?.role ?? 'viewer'}>
          {ROLES.map((role) => (
            <option key={role} value={role}>
              {t(`role.${role}`)}
            </option>
          ))}
        </select>
      </label>
      <Field
        label={t('settings.sites')}
        hint={t('settings.sitesHint')}
        name="sites"
        required={false}
        defaultValue={account?.sites?.join(', ') ?? ''}
      />
    </>
  );
}
