import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { send } from '../../api/client';
import type { Account, Role } from '../../api/types';
import { FormDialog } from '../../ui/Dialog';
import { Field } from '../gate/Gate';

export type Asking = { what: 'new' } | { what: 'rights' | 'password' | 'remove'; account: Account };
const ROLES: Role[] = ['viewer', 'operator', 'admin'];

/** Makes an account, or changes or removes one. */
export function AccountDialog({ asking, onClose }: { asking: Asking; onClose: () => void }) {
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
